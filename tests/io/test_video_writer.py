"""What is written can be read, kept its times and sound, and survives a kill."""

import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from tests.films import SIZE, film, picture, sound_packets

from pixelwise.core import Foreground, Image, Space
from pixelwise.errors import OutputError, UnknownName
from pixelwise.io.video import CODECS, PictureSequence, VideoFile, VideoWriter

NOTHING = Foreground(np.zeros(SIZE, bool))


def images(count, clear=False):
    for number in range(count):
        pixels = picture(number)
        if clear:
            alpha = np.full((*SIZE, 1), 255, np.uint8)
            alpha[:, :64] = 0
            pixels = np.concatenate([pixels, alpha], axis=-1)
        yield Image(pixels, Space(time_s=number / 25))


def written(path, pictures, **options):
    with VideoWriter(path, **options) as sink:
        for image in pictures:
            sink.write(image, NOTHING)
    return sink


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".gif"])
def test_writer_when_read_back_then_the_same_pictures_at_the_same_times(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    written(path, images(12))
    seen = list(VideoFile(path))
    assert len(seen) == 12
    assert [image.space.time_s for image in seen] == pytest.approx(
        [n / 25 for n in range(12)], abs=0.0006
    )
    for number, image in enumerate(seen):
        assert np.abs(image.pixels[..., :3].astype(int) - picture(number)).mean() < 6
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("codec", "suffix", "name"),
    [
        ("h264", ".mkv", "h264"),
        ("h265", ".mp4", "hevc"),
        ("vp9", ".mkv", "vp9"),
        ("av1", ".webm", "av1"),
        ("av1", ".mp4", "av1"),
    ],
)
def test_writer_when_a_codec_is_chosen_then_the_pictures_are_coded_so(
    tmp_path, codec, suffix, name
):
    if CODECS[codec].name not in av.codecs_available:
        pytest.skip(f"this build of libav cannot write {codec}")
    path = tmp_path / f"a{suffix}"
    written(path, images(12), codec=codec, quality=20)
    video = VideoFile(path)
    seen = list(video)
    assert name in video.facts.codec or video.facts.codec == "libdav1d"
    assert [image.space.time_s for image in seen] == pytest.approx(
        [n / 25 for n in range(12)], abs=0.0006
    )
    for number, image in enumerate(seen):
        assert np.abs(image.pixels.astype(int) - picture(number)).mean() < 6


@pytest.mark.parametrize(
    ("codec", "suffix", "kind", "said"),
    [
        ("vp9", ".mov", OutputError, "h264, h265"),
        ("vp9", ".mp4", OutputError, "av1, h264, h265"),
        ("h264", ".gif", OutputError, "its own only"),
        ("h263", ".mp4", UnknownName, "h265"),
    ],
)
def test_writer_when_a_codec_does_not_fit_then_says_what_does(tmp_path, codec, suffix, kind, said):
    with pytest.raises(kind, match=said):
        VideoWriter(tmp_path / f"a{suffix}", codec=codec)


def test_writer_when_a_codec_is_chosen_and_pictures_have_alpha_then_refused(tmp_path):
    with pytest.raises(OutputError, match="without alpha"):
        written(tmp_path / "a.webm", images(1, clear=True), codec="av1")


@pytest.mark.parametrize("suffix", [".mov", ".mkv", ".webm"])
def test_writer_when_pictures_have_alpha_then_kept(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    written(path, images(5, clear=True))
    seen = list(VideoFile(path))
    assert len(seen) == 5
    assert seen[2].channels == 4
    assert seen[2].pixels[40, 20, 3] < 10
    assert seen[2].pixels[40, 100, 3] > 245


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_writer_when_it_cannot_hold_alpha_then_says_what_can(tmp_path, suffix):
    with pytest.raises(OutputError, match=r"no alpha; write \.webm"):
        written(tmp_path / f"a{suffix}", images(1, clear=True))
    assert not list(tmp_path.iterdir())


def test_writer_when_the_suffix_is_unknown_then_output_error(tmp_path):
    with pytest.raises(OutputError, match=r"\.mp4"):
        VideoWriter(tmp_path / "a.xyz")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_writer_when_the_source_has_sound_then_it_is_the_same_to_the_bit(tmp_path, suffix):
    source = VideoFile(film(tmp_path / "in.mp4", 60, sound=True))
    written(tmp_path / f"out{suffix}", source, like=source.facts, sound=source.path)
    before, after = sound_packets(source.path), sound_packets(tmp_path / f"out{suffix}")
    assert [data for data, _ in after] == [data for data, _ in before]
    tolerance = 1e-6 if suffix != ".mkv" else 6e-4  # Matroska counts milliseconds
    shift = after[0][1] - before[0][1]
    assert shift == pytest.approx(0, abs=tolerance if suffix != ".mkv" else 0.03)
    for (_, one), (_, other) in zip(before, after, strict=True):
        assert other - one == pytest.approx(shift, abs=2 * tolerance)


def test_writer_when_the_container_cannot_hold_the_sound_then_encoded_and_said(tmp_path):
    source = VideoFile(film(tmp_path / "in.mp4", 20, sound=True))
    sink = written(tmp_path / "out.webm", source, like=source.facts, sound=source.path)
    assert sink.notes == ["WebM cannot hold aac: sound encoded as libopus"]
    with av.open(str(tmp_path / "out.webm")) as container:
        assert container.streams.audio[0].codec_context.name == "opus"


@pytest.mark.parametrize("base", [Fraction(1, 1000), Fraction(1, 90_000), Fraction(1001, 30_000)])
def test_writer_when_times_vary_and_start_late_then_kept_to_the_microsecond(tmp_path, base):
    times = [100, 103, 111, 140, 141, 200, 260]
    source = VideoFile(film(tmp_path / "in.mp4", 7, times=times, base=base, sound=True))
    written(tmp_path / "out.mp4", source, like=source.facts, sound=source.path)
    before = [image.space.time_s for image in source]
    after = [image.space.time_s for image in VideoFile(tmp_path / "out.mp4")]
    assert len({round(b - a, 6) for a, b in pairwise(before)}) > 3
    assert after == pytest.approx(before, abs=1e-6)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_writer_when_times_stand_still_or_go_back_then_they_rise(tmp_path, suffix):
    times = (0.0, 0.04, 0.04, 0.02, 0.2, 0.2, 0.3)
    path = tmp_path / f"a{suffix}"
    written(path, [Image(picture(n), Space(time_s=time_s)) for n, time_s in enumerate(times)])
    seen = [image.space.time_s for image in VideoFile(path)]
    assert len(seen) == 7
    assert all(second > first for first, second in pairwise(seen))
    assert [seen[0], seen[1], seen[4], seen[6]] == pytest.approx([0, 0.04, 0.2, 0.3], abs=0.0006)


def test_writer_when_sizes_are_odd_or_change_then_fitted_and_said(tmp_path):
    pictures = [picture(0, (51, 75)), picture(1, (51, 75)), picture(2, (100, 75))]
    shown = (Image(pixels, Space(time_s=n / 10)) for n, pixels in enumerate(pictures))
    sink = written(tmp_path / "a.mp4", shown)
    assert {image.size for image in VideoFile(tmp_path / "a.mp4")} == {(52, 76)}
    assert len(sink.notes) == 2


def test_writer_when_interrupted_then_the_file_is_whole(tmp_path):
    def broken():
        yield from images(9)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(tmp_path / "a.mp4", broken())
    assert len(list(VideoFile(tmp_path / "a.mp4"))) == 9
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_writer_when_something_fails_then_only_the_part_is_there_and_plays(tmp_path):
    def broken():
        yield from images(9)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        written(tmp_path / "a.mp4", broken())
    assert [file.name for file in tmp_path.iterdir()] == ["a.part.mp4"]
    assert len(list(VideoFile(tmp_path / "a.part.mp4"))) == 9


CHILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from pixelwise.core import Image, Space
from pixelwise.io.video import VideoWriter
from tests.films import picture
with VideoWriter(Path({path!r})) as sink:
    for number in range(100000):
        sink.write(Image(picture(number), Space(time_s=number / 30)), None)
        print(number, flush=True)
        time.sleep(0.004)
"""


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_writer_when_killed_then_at_most_a_second_is_lost(tmp_path, suffix):
    root = str(Path(__file__).resolve().parents[2])
    code = CHILD.format(root=root, path=str(tmp_path / f"a{suffix}"))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        for line in child.stdout:
            last = int(line)
            if last >= 150:
                break
        child.send_signal(signal.SIGKILL)
        last = max([last, *(int(line) for line in child.stdout.read().split())])
    assert not (tmp_path / f"a{suffix}").exists()
    seen = list(VideoFile(tmp_path / f"a.part{suffix}"))
    assert len(seen) >= last - 30
    assert np.abs(seen[60].pixels.astype(int) - picture(60)).mean() < 6


def test_writer_when_the_disk_is_full_then_output_error_and_no_final_name(tmp_path):
    code = """
import resource, signal, sys
sys.path.insert(0, {root!r})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
from pathlib import Path
import numpy as np
from pixelwise.core import Image, Space
from pixelwise.errors import OutputError, UnknownName
from pixelwise.io.video import VideoWriter
noise = np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)
try:
    with VideoWriter(Path({path!r})) as sink:
        for number in range(60):
            sink.write(Image(np.roll(noise, number * 7, 0), Space(time_s=number / 30)), None)
except OutputError as error:
    print("OutputError", error)
"""
    root = str(Path(__file__).resolve().parents[2])
    path = tmp_path / "a.mp4"
    done = subprocess.run(
        [sys.executable, "-c", code.format(root=root, path=str(path))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith("OutputError")
    assert not path.exists()


def test_writer_when_colours_are_read_back_then_hd_and_sd_agree(tmp_path):
    for size in ((64, 96), (720, 64)):
        flat = np.full((*size, 3), (200, 60, 90), np.uint8)
        path = tmp_path / f"{size[0]}.mp4"
        written(path, [Image(flat, Space(time_s=n / 10)) for n in range(3)], quality=4)
        seen = next(iter(VideoFile(path))).pixels.reshape(-1, 3).mean(0)
        assert np.abs(seen - (200, 60, 90)).max() <= 3


def test_sequence_when_written_then_one_file_a_picture(tmp_path):
    with PictureSequence(tmp_path / "out" / "f_%03d.png") as sink:
        for image in images(3, clear=True):
            sink.write(image, NOTHING)
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert names == ["f_000.png", "f_001.png", "f_002.png"]


def test_writer_when_memory_is_watched_then_it_does_not_grow_with_the_length(tmp_path):
    def rss():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    start, sizes = time.monotonic(), []
    with VideoWriter(tmp_path / "a.mp4") as sink:
        for number in range(900):
            sink.write(Image(picture(number), Space(time_s=number / 30)), NOTHING)
            if number % 100 == 99:
                sizes.append(rss())
    assert sizes[-1] - sizes[2] < 6e6, time.monotonic() - start


def test_writer_when_planes_come_from_a_video_then_they_reach_the_encoder_to_the_bit(tmp_path):
    source = list(VideoFile(film(tmp_path / "a.mp4", 5)))
    written(tmp_path / "b.mp4", source, quality=0)  # lossless
    for given, kept in zip(source, VideoFile(tmp_path / "b.mp4"), strict=True):
        for one, other in zip(given.plane.planes, kept.plane.planes, strict=True):
            assert np.array_equal(one, other)


def test_writer_when_planes_are_of_another_matrix_then_converted(tmp_path):
    options = {"colorspace": "bt709", "color_range": "tv"}
    source = list(VideoFile(film(tmp_path / "a.mp4", 3, options=options)))
    assert source[0].plane.weights == (0.2126, 0.0722)
    written(tmp_path / "b.mp4", source, quality=4)
    made = list(VideoFile(tmp_path / "b.mp4"))
    assert made[0].plane.weights == (0.299, 0.114)
    assert np.abs(made[1].pixels.astype(int) - source[1].pixels).mean() < 3
