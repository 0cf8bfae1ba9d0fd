"""A batch against two bare processes that decode, run the same model and encode.

The bare processes have their models loaded and half of the files each; the clock of both sides
starts with the first picture that is computed and ends with the last output. Ours also brings
each output to the disk, hashes it and keeps the journal.
"""

import logging
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import cv2

from harness import arguments, finish
from pixelwise.batch import ENGINES
from pixelwise.batch.disk import Disk
from pixelwise.batch.inputs import items_of
from pixelwise.batch.job import Work, with_threads
from pixelwise.batch.journal import Journal
from pixelwise.batch.local import Local
from pixelwise.batch.outcomes import Done, Output
from pixelwise.batch.running import Run
from pixelwise.catalog import Request, segmenter_for
from pixelwise.core import Image, Segmenter
from pixelwise.io.files import encode, read

SIDES = (1080, 1620)
MODEL = "selfie"


def make_pictures(data: Path, folder: Path, count: int) -> None:
    """Write ``count`` JPEGs, from the photographs at hand, each one shifted."""
    sources = sorted((data / "people_ccp").rglob("*.jpg"))[:10] or sorted(data.rglob("*.jpg"))[:10]
    pictures = [cv2.resize(cv2.imread(str(path)), SIDES[::-1]) for path in sources]
    for number in range(count):
        picture = pictures[number % len(pictures)][number % 8 :, number % 5 :]
        cv2.imwrite(str(folder / f"{number:05}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])


def segmenter() -> Segmenter:
    cv2.setNumThreads(1)
    return with_threads(segmenter_for(Request(model=MODEL)), 1)


def bare(paths: Sequence[Path], target: Path, gate: Barrier) -> None:
    """Do the same work with no care at all; one of two processes."""
    model = segmenter()
    model(read(paths[0]))
    gate.wait()
    for path in paths:
        (target / f"{path.name}.png").write_bytes(encode(model(read(path)), ".png"))


def processor_seconds() -> float:
    """Return the processor time of this process and of all that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def bare_seconds(paths: Sequence[Path], target: Path) -> float:
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(3)
    workers = [
        context.Process(target=bare, args=(paths[part::2], target, gate)) for part in range(2)
    ]
    for worker in workers:
        worker.start()
    gate.wait()
    start = time.perf_counter()
    for worker in workers:
        worker.join()
    return time.perf_counter() - start


def our_seconds(folder: Path, target: Path, warm: int) -> float:
    """Return the seconds from the first outcome after ``warm`` items to the last, scaled to all."""
    work = Work(segmenter=segmenter(), root=Disk(str(target)))
    times = []
    with Journal(target, work.stamp()) as journal:
        run = Run(
            source=str(folder),
            work=work,
            journal=journal,
            engine=Local(work, workers=2),
            tell=lambda *_: times.append(time.perf_counter()),
        )
        tally = run.once()
    total = tally.done
    return (times[-1] - times[warm]) * total / (total - warm - 1)


def resume_seconds(folder: Path, count: int) -> tuple[float, float]:
    """Return the seconds that a run over ``count`` finished items takes, and a whole command."""
    inputs, output = folder / "many", folder / "finished"
    inputs.mkdir()
    output.mkdir()
    for number in range(count):
        (inputs / f"{number}.png").touch()
        (output / f"{number}.png.labels.png").touch()
    work = Work(segmenter=segmenter_for(Request(method="otsu")), root=Disk(str(output)))
    with Journal(output, work.stamp()) as journal:
        journal.append(
            Done(item, (Output(f"{item.name}.labels.png", 0, "0" * 64),))
            for item in items_of(str(inputs), Disk(str(output)))
        )
        journal.finish()
    start, used = time.perf_counter(), time.process_time()
    with Journal(output, work.stamp()) as journal:
        engine = Local(work, workers=2)
        run = Run(
            source=str(inputs), work=work, journal=journal, engine=engine, tell=lambda *_: None
        )
        if run.once().kept != count:
            raise SystemExit("not all were found to be done")
    seconds = time.perf_counter() - start
    print(f"resume: {time.process_time() - used:.2f} s of processor time")
    command = (sys.executable, "-m", "pixelwise", "batch", inputs, output, "--method", "otsu")
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return seconds, time.perf_counter() - start


class Plain:
    """What one writes after Ray's own guide to batch inference: pictures in, files out."""

    def __init__(self, target: Path) -> None:
        self.target, self.model = target, segmenter()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        for path, pixels in zip(batch["path"], batch["image"], strict=True):
            data = encode(self.model(Image(pixels)), ".png")
            (self.target / f"{Path(path).name}.png").write_bytes(data)
        return {"path": batch["path"]}


def plain_seconds(folder: Path, target: Path) -> float:
    import ray

    target.mkdir()
    start = time.perf_counter()
    done = ray.data.read_images(str(folder), mode="RGB", include_paths=True).map_batches(
        Plain,
        fn_constructor_args=(target,),
        batch_size=8,
        num_cpus=0.5,  # two actors, and a core for Ray's own reading: with 1 each it waits for ever
        compute=ray.data.ActorPoolStrategy(size=2),
    )
    for _ in done.iter_batches(batch_size=None):
        pass
    return time.perf_counter() - start


def engine_seconds(name: str, folder: Path, target: Path) -> float:
    """Return the seconds of a whole run, from nothing started to the last output."""
    target.mkdir()
    work = Work(segmenter=segmenter(), root=Disk(str(target)))
    start = time.perf_counter()
    with Journal(target, work.stamp()) as journal:
        engine = ENGINES[name](work, workers=2, deadline_s=300)
        run = Run(
            source=str(folder), work=work, journal=journal, engine=engine, tell=lambda *_: None
        )
        run.once()
    return time.perf_counter() - start


def against_ray(folder: Path, target: Path, rounds: int) -> dict[str, float]:
    """Whole runs side by side; the cluster itself is started before the clock is."""
    import ray

    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
    ray.init(
        num_cpus=2, object_store_memory=800_000_000, include_dashboard=False, log_to_driver=False
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    times: dict[str, list[float]] = {"plain": [], "local": [], "ray": []}
    for number in range(rounds):
        times["plain"].append(plain_seconds(folder, target / f"plain{number}"))
        for name in ("local", "ray"):
            times[name].append(engine_seconds(name, folder, target / f"{name}{number}"))
    ray.shutdown()
    plain, local, ours = (statistics.median(times[name]) for name in times)
    print(f"whole runs: plain map_batches {plain:.1f} s, local {local:.1f} s, ray {ours:.1f} s")
    return {"plain_ray_over_local": plain / local, "our_ray_over_plain": ours / plain}


def listing_bytes(folder: Path, count: int) -> float:
    """Return the bytes that each of ``count`` inputs of a simulated listing leaves in memory."""
    listing = folder / "many.txt"
    with listing.open("w") as file:
        file.writelines(f"pictures/{number}.png\n" for number in range(count))
    places = [resident()]
    for number, _ in enumerate(items_of(f"@{listing}", Disk("nowhere")), 1):
        if number in (count // 2, count):
            places.append(resident())
    print(f"{count} inputs listed: {places[0] >> 20}, {places[1] >> 20}, {places[2] >> 20} MiB")
    return (places[2] - places[1]) / (count / 2)


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    options = arguments(__doc__ or "")
    os.environ["PIXELWISE_MODEL_PATH"] = str(options.models)
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    count, rounds = (100, 2) if options.quick else (2000, 3)
    ratios, works = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        make_pictures(options.data, folder / "in", count)
        paths = sorted((folder / "in").iterdir())
        for number in range(rounds):
            targets = [folder / f"{side}{number}" for side in ("bare", "ours")]
            for target in targets:
                target.mkdir()
            sides = [
                lambda target=targets[0]: bare_seconds(paths, target),
                lambda target=targets[1]: our_seconds(folder / "in", target, warm=6),
            ]
            order = (0, 1) if number % 2 == 0 else (1, 0)
            seconds, used = {}, {}
            for side in order:
                before = processor_seconds()
                seconds[side] = sides[side]()
                used[side] = processor_seconds() - before
            works.append(used[1] / used[0])
            ratios.append(seconds[1] / seconds[0])
            print(f"{count} JPEGs: bare {seconds[0]:.2f} s, ours {seconds[1]:.2f} s")
        resumed, command = resume_seconds(folder, 10_000)
        each = listing_bytes(folder, 100_000 if options.quick else 1_000_000)
        rays = against_ray(folder / "in", folder, 1 if options.quick else 3)
    print(f"resume over 10 000 finished items: {resumed:.2f} s (whole command {command:.2f} s)")
    finish(
        {
            "batch_wall_over_bare": statistics.median(ratios),
            "batch_processor_over_bare": statistics.median(works),
            "resume_10000_s": resumed,
            "resume_10000_command_s": command,
            **rays,
            "listing_bytes_each": each,
        }
    )


if __name__ == "__main__":
    main()
