"""The road through the pipeline gives the same whatever the threads."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Space
from pixelwise.drawing import Blur, Colour, composite
from pixelwise.io.video import VideoFile, VideoWriter
from pixelwise.methods.threshold.otsu import Otsu
from pixelwise.pipeline import Parallel, cores, run
from pixelwise.refine import Stable
from tests.films import film, picture

ROOT = Path(__file__).resolve().parents[2]


class Numbers:
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        for number in range(self.count):
            yield Image(picture(number), Space(time_s=number / 30))


class Kept:
    def __init__(self):
        self.items, self.closed = [], False

    def __enter__(self):
        return self

    def write(self, image, result):
        self.items.append((image, result))

    def __exit__(self, *_):
        self.closed = True


def slow_otsu(image):
    time.sleep(0.001 * (image.pixels[30, 40, 0] % 5))
    return Otsu()(image)


def test_run_when_threads_differ_then_the_result_does_not():
    def shown(image, result):
        return composite(image, result, Colour((0, 0, 255)))

    runs = []
    for segmenter in (slow_otsu, Parallel(slow_otsu, 2), Parallel(slow_otsu, 5)):
        sink = Kept()
        report = run(Numbers(25), segmenter, sink, refine=Stable(), show=shown)
        assert report.frames == 25
        runs.append([image.pixels for image, _ in sink.items])
    plain = Stable()((image, slow_otsu(image)) for image in Numbers(25))
    runs.append([shown(*pair).pixels for pair in plain])
    for other in runs[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(runs[0], other, strict=True))


def test_run_when_the_file_is_written_twice_then_the_bytes_are_the_same(tmp_path):
    source = VideoFile(film(tmp_path / "in.mp4", 20))
    written = []
    for name, segmenter in (("a.mp4", Otsu()), ("b.mp4", Parallel(Otsu(), 3))):
        sink = VideoWriter(tmp_path / name, like=source.facts)
        run(source, segmenter, sink, show=lambda i, r: composite(i, r, Blur(9)))
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_run_when_a_frame_fails_then_raised_and_the_sink_closed():
    def broken(image):
        if image.space.time_s > 0.3:
            raise ValueError("frame")
        return Otsu()(image)

    sink, before = Kept(), threading.active_count()
    with pytest.raises(ValueError, match="frame"):
        run(Numbers(100), broken, sink)
    assert sink.closed
    assert len(sink.items) == 10
    time.sleep(0.3)
    assert threading.active_count() <= before


def test_run_when_there_is_a_tracker_then_it_sees_every_result_in_order():
    class Counter:
        def __init__(self):
            self.seen = []

        def update(self, image, result):  # noqa: ARG002 - the port's shape
            self.seen.append(int(result.mask.argmax()))
            return result

        def reset(self):
            self.seen.clear()

    tracker, sink = Counter(), Kept()
    run(Numbers(12), Otsu(), sink, tracker=tracker)
    assert tracker.seen == [int(result.mask.argmax()) for _, result in sink.items]


def test_run_when_the_source_is_long_then_memory_and_threads_stay():
    class Endless:
        def __iter__(self):
            base = np.zeros((240, 320, 3), np.uint8)
            for number in range(700):
                yield Image(np.roll(base, number), Space(time_s=number / 30))

    class Watch(Kept):
        def __init__(self):
            super().__init__()
            self.count, self.sizes, self.threads = 0, [], []

        def write(self, _, __):
            self.count += 1
            if self.count % 100 == 0:
                pages = int(Path("/proc/self/statm").read_text().split()[1])
                self.sizes.append(pages * os.sysconf("SC_PAGE_SIZE"))
                self.threads.append(threading.active_count())

    sink = Watch()
    run(Endless(), lambda image: Foreground(image.pixels[..., 0] > 5), sink, refine=Stable())
    assert sink.sizes[-2] - sink.sizes[1] < 4e6
    assert len(set(sink.threads[:-1])) == 1


CHILD = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from pixelwise.methods.threshold.otsu import Otsu
from pixelwise.io.video import VideoWriter
from pixelwise.pipeline import run
from tests.pipeline.test_running import Numbers
class Told(VideoWriter):
    def write(self, image, result):
        super().write(image, result)
        print(self.written, flush=True)
run(Numbers(100000), Otsu(), Told(Path({path!r})))
"""


def test_run_when_interrupted_by_the_user_then_the_file_is_finished(tmp_path):
    code = CHILD.format(root=str(ROOT), path=str(tmp_path / "a.mp4"))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        for line in child.stdout:
            if int(line) >= 40:
                break
        child.send_signal(signal.SIGINT)
        rest, errors = child.communicate(timeout=30)
    assert b"KeyboardInterrupt" in errors
    last = int((rest.split() or [b"40"])[-1])
    assert len(list(VideoFile(tmp_path / "a.mp4"))) >= min(last, 40)
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_pictures_when_sent_through_then_untouched():
    image = Image(picture(3), Space(time_s=0.5))
    copy = image.pixels.copy()
    run([image, replace(image, space=Space(time_s=0.6))], Otsu(), Kept(), refine=Stable())
    assert np.array_equal(image.pixels, copy)


CROWD = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from pixelwise.cards.deck import load_cards
from pixelwise.core import Image, Space
from pixelwise.drawing import Blur, composite
from pixelwise.io.video import VideoWriter
from pixelwise.methods.deep.network import Network
from pixelwise.pipeline import run
from pixelwise.refine import Stable
from tests.films import picture
most = 0
def frames():
    for number in range(60):
        yield Image(picture(number, (240, 320)), Space(time_s=number / 30))
def show(image, result):
    global most
    most = max(most, len(os.listdir("/proc/self/task")))
    return composite(image, result, Blur(15))
network = Network.load(load_cards()["selfie-landscape"], Path({model!r})).warm()
run(frames(), network, VideoWriter(Path({path!r})), refine=Stable(), show=show)
print(most)
"""


def test_run_when_everything_works_at_once_then_few_threads_beside_the_cores(tmp_path, model_dir):
    model = model_dir / "selfie_segmentation_landscape.tflite"
    root = str(Path(__file__).resolve().parents[2])
    code = CROWD.format(root=root, model=str(model), path=str(tmp_path / "a.mp4"))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    # Four stages and the main thread; each library may take one a core (OpenCV, LiteRT, x264).
    assert 5 <= int(done.stdout) <= 5 + 4 * (cores() + 1)
