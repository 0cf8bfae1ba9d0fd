"""Training and what it makes: loading, the loop, shipped models beside their raw run.

Run by the environment that has torch: .venv-train/bin/python bench/training.py
Each figure is given in wall time and in processor time, which other work cannot bend as much.
"""

import copy
import statistics
import tempfile
import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import pixelwise as pw
from harness import arguments, finish
from pixelwise.io.annotations.converting import open_dataset

SHIPPED = ("nuclei-unet", "nuclei-fcn", "nuclei-mask-rcnn")
STEPS, SKIPPED = 14, 4

Pair = tuple[float, float]
"""Wall and processor milliseconds."""


class Clock:
    """Wall and processor milliseconds of each round."""

    def __init__(self) -> None:
        self.rows = []
        self.start()

    def start(self) -> None:
        self._at = (time.perf_counter(), time.process_time())

    def stop(self) -> None:
        now = (time.perf_counter(), time.process_time())
        self.rows.append([1000 * (b - a) for a, b in zip(self._at, now, strict=True)])
        self._at = now

    @property
    def medians(self) -> Pair:
        return tuple(statistics.median(column) for column in zip(*self.rows[SKIPPED:], strict=True))


def training(data: Path, steps: int) -> tuple[Pair, Pair, Pair]:
    """Return the medians of a step: cached tensors, real loading, our loop."""
    import torch

    from pixelwise.training.examples import Example, numbered
    from pixelwise.training.fitting import Run, fit
    from pixelwise.training.heads import HEADS
    from pixelwise.training.learner import Learner
    from pixelwise.training.patches import Patches
    from pixelwise.training.plan import Head, Plan, Precision

    torch.set_num_threads(1)
    plan = Plan(
        net="unet",
        head=Head.DISTANCE,
        classes=("background", "nucleus"),
        batch=4,
        steps=steps,
        epoch=10**6,
        precision=Precision.BFLOAT,
    )
    folder = data / "nuclei_dsb2018" / "train"
    examples = []
    for number, sample in enumerate(open_dataset(folder / "labels")):
        if number == 12:
            break
        image = pw.read(folder / "images" / f"{sample.stem}.png")
        examples.append(Example(sample.stem, image, *numbered(sample.result), sample.result))
    head, patches = HEADS[plan.head], Patches(examples, plan)
    cached = head.tensors(patches[0], plan)

    def bare(batches: Iterable[dict[str, Any]]) -> Pair:
        learner = Learner(plan)
        optimiser = learner.configure_optimizers()
        clock = Clock()
        for batch in batches:
            given = {
                **batch,
                "pixels": batch["pixels"].contiguous(memory_format=torch.channels_last),
            }
            with torch.autocast("cpu", torch.bfloat16):
                loss = head.loss(learner.net, given, plan)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            clock.stop()
        return clock.medians

    clock = Clock()
    with tempfile.TemporaryDirectory() as place:
        run = Run(
            plan=plan,
            folder=Path(place),
            learn=examples,
            judge=lambda _: 0.0,
            say=lambda _: None,
            tick=lambda *_: clock.stop(),
        )
        kept = bare(copy.deepcopy(cached) for _ in range(steps))
        real = bare(head.tensors(patches[step], plan) for step in range(steps))
        fit(run)
    return kept, real, clock.medians


def inference(name: str, images: list[pw.Image], rounds: int) -> tuple[Pair, Pair]:
    """Return the medians of the whole way and of the raw model."""
    network = pw.find(name, threads=1)
    whole, raw = Clock(), Clock()
    for image in images * rounds:
        feeds, _ = network._loaded.preparer.fill(image, network.session)  # noqa: SLF001
        whole.start()
        network(image)
        whole.stop()
        raw.start()
        network.session.run(feeds)
        raw.stop()
    return whole.medians, raw.medians


def main() -> None:
    options = arguments(__doc__)
    figures = {}
    print(f"{'':42}{'wall':>8}{'cpu':>8}")
    if find_spec("lightning"):
        kept, real, ours = training(options.data, STEPS if options.quick else 2 * STEPS)
        rows = {"loading": (real, kept), "loop": (ours, real)}
        words = {"loading": "real loading / cached tensors", "loop": "our loop / bare loop"}
        for key, (slow, fast) in rows.items():
            ratios = [a / b for a, b in zip(slow, fast, strict=True)]
            print(f"{words[key]:42}{ratios[0]:8.3f}{ratios[1]:8.3f}")
            figures |= {f"{key}_ratio": ratios[0], f"{key}_cpu_ratio": ratios[1]}
        figures |= {"step_ms": ours[0], "step_cpu_ms": ours[1]}
    folder = options.data / "nuclei_dsb2018" / "test" / "images"
    paths = sorted(folder.glob("*.png"))[:: 20 if options.quick else 10]
    images = [pw.read(path) for path in paths]
    for name in SHIPPED:
        if name not in {row.name for row in pw.list_models()}:
            continue
        whole, raw = inference(name, images, 3)
        ratios = [a / b for a, b in zip(whole, raw, strict=True)]
        print(f"{name + ': end to end / raw model':42}{ratios[0]:8.3f}{ratios[1]:8.3f}")
        key = name.replace("-", "_")
        figures |= {f"{key}_ratio": ratios[0], f"{key}_cpu_ratio": ratios[1]}
        figures |= {f"{key}_ms": whole[0]}
    finish({name: value for name, value in figures.items() if np.isfinite(value)})


if __name__ == "__main__":
    main()
