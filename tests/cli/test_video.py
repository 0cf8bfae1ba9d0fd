"""pixelwise video and live, as a user runs them."""

import signal
import subprocess
import sys
import time

import av
import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.io.files import read, write
from pixelwise.io.video import VideoFile
from tests.films import SIZE, film, picture, sound_packets


@pytest.fixture
def clip(tmp_path):
    return film(tmp_path / "in.mp4", 24, sound=True)


def test_video_when_a_method_is_named_then_a_video_with_the_same_times_and_sound(pixelwise, clip):
    done = pixelwise("video", clip, "--method", "otsu", "--background", "blue", "--json")
    assert done.code == 0, done.err
    (line,) = done.lines
    assert line["frames"] == 24
    assert line["damaged_frames"] == []
    out = clip.with_name("in.composite.mp4")
    assert line["output"] == str(out)
    before, after = list(VideoFile(clip)), list(VideoFile(out))
    assert [a.space.time_s for a in after] == pytest.approx([b.space.time_s for b in before])
    assert [data for data, _ in sound_packets(out)] == [data for data, _ in sound_packets(clip)]
    assert np.abs(after[5].pixels[90, 100].astype(int) - (0, 0, 255)).max() < 40


@pytest.mark.parametrize(
    ("arguments", "name", "channels"),
    [
        (("--save", "overlay"), "in.overlay.mp4", 3),
        (("--save", "mask"), "in.mask.mp4", 3),
        (("--background", "none"), "in.composite.webm", 4),
        (("--save", "cutout", "-o", "out/c_%03d.png"), "out/c_023.png", 0),
        (("-o", "a.gif"), "a.gif", 4),
        (("-o", "a.mkv", "--codec", "h265"), "a.mkv", 3),
    ],
)
def test_video_when_another_output_is_asked_for_then_written(
    pixelwise, clip, arguments, name, channels
):
    done = pixelwise("video", clip, "--method", "otsu", "--per-frame", *arguments)
    assert done.code == 0, done.err
    out = clip.parent / name
    assert out.exists()
    if channels:
        assert next(iter(VideoFile(out))).channels == channels


def test_video_when_the_background_is_a_video_then_it_moves(pixelwise, clip, tmp_path):
    def flat(number, size):
        return np.full((*size, 3), (250 if number % 20 < 10 else 5, 10, 10), np.uint8)

    film(tmp_path / "back.mp4", 20, make=flat)
    done = pixelwise("video", clip, "--method", "otsu", "--background", tmp_path / "back.mp4")
    assert done.code == 0, done.err
    corner = [im.pixels[92, 60, 0] for im in VideoFile(clip.with_name("in.composite.mp4"))]
    assert corner[3] > 180
    assert corner[14] < 80
    assert corner[22] > 180


def test_video_when_frames_are_damaged_then_listed_and_strict_ends_with_3_or_4(pixelwise, tmp_path):
    path = film(tmp_path / "in.mp4", 60, options={"crf": "10"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 800] = bytes(800)
    path.write_bytes(bytes(data))
    done = pixelwise("video", path, "--method", "otsu", "--json", "-o", tmp_path / "a.mp4")
    assert done.code == 0, done.err
    assert done.lines[0]["frames"] == 60
    assert done.lines[0]["damaged_frames"]
    strict = pixelwise("video", path, "--method", "otsu", "--strict", "-o", tmp_path / "b.mp4")
    assert strict.code in (3, 4)
    assert "damaged" in strict.err
    assert len(list(VideoFile(tmp_path / "b.mp4"))) == 60


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("missing.mp4",), 4, "no such file"),
        (("in.mp4", "-o", "in.mp4"), 2, "the output is the input"),
        (("in.mp4", "-o", "a.xyz"), 2, "must end in"),
        (("in.mp4", "--background", "no-such-colour"), 2, "background"),
        (("in.mp4", "--save", "hologram"), 2, "composite"),
        (("in.mp4", "--method", "otsu", "--codec", "av1", "-o", "a.mov"), 7, "h264, h265"),
        (("in.mp4", "--background", "none", "-o", "a.mp4", "--method", "otsu"), 7, "no alpha"),
    ],
)
def test_video_when_called_wrongly_then_one_line_and_a_code(pixelwise, clip, arguments, code, said):
    done = pixelwise("video", *arguments)
    assert done.code == code
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_live_when_a_file_plays_as_a_camera_then_recorded(pixelwise, clip, tmp_path):
    done = pixelwise(
        "live", "--source", clip, "--method", "otsu", "--headless", "--json",
        "--record", tmp_path / "r.mp4", "--background", "mask",
    )  # fmt: skip
    assert done.code == 0, done.err
    last = done.lines[-1]
    assert last["state"] == "ended"
    assert last["frames"] + last["late"] == 24
    assert last["latency_ms"] > 0
    assert len(list(VideoFile(tmp_path / "r.mp4"))) == last["frames"]


def test_live_when_there_is_no_screen_and_no_way_out_then_says_what_to_give(pixelwise, clip):
    done = pixelwise("live", "--source", clip, env={"DISPLAY": "", "WAYLAND_DISPLAY": ""})
    assert done.code == 2
    assert "--record" in done.err


def test_live_when_the_source_is_missing_then_one_line(pixelwise):
    done = pixelwise("live", "--source", "none.mp4", "--method", "otsu", "--json")
    assert done.code == 4
    assert "no such file" in done.err


def test_live_when_the_virtual_camera_is_missing_then_names_the_extra(pixelwise, clip):
    done = pixelwise("live", "--source", clip, "--method", "otsu", "--headless", "--virtual-camera")
    assert done.code in (2, 7)
    assert "pixelwise[camera]" in done.err or "v4l2loopback" in done.err


def test_video_when_written_then_any_player_opens_it(pixelwise, clip):
    pixelwise("video", clip, "--method", "otsu", "-o", clip.with_name("a.mp4"))
    with av.open(str(clip.with_name("a.mp4"))) as container:
        stream = container.streams.video[0]
        assert (stream.height, stream.width) == SIZE
        assert stream.codec_context.name == "h264"
        assert stream.frames == 24


def test_live_when_there_is_no_such_camera_then_one_line_that_says_what_to_do(pixelwise):
    done = pixelwise("live", "--camera", "63", "--method", "otsu", "--json", "--headless")
    assert done.code == 4
    assert "camera 63: it is not there or in use" in done.err
    assert done.err.count("Traceback") == 0


@pytest.fixture
def sprite(tmp_path):
    place = tmp_path / "red.png"
    write(place, Image(np.full((8, 8, 4), (250, 0, 0, 255), np.uint8)))
    return place


def test_video_when_a_sprite_is_given_then_behind_the_foreground_on_the_original(
    pixelwise, clip, sprite
):
    done = pixelwise(
        *("video", clip, "--method", "otsu", "--per-frame", "--sprite", sprite),
        *("--anchor", "screen:x=0.5,y=0.4,width=0.9", "--wrap", "0.2", "--shadow", "0.3"),
    )
    assert done.code == 0, done.err
    before, after = (
        next(iter(VideoFile(path))).pixels.astype(int)
        for path in (clip, clip.with_name("in.composite.mp4"))
    )
    bright = before[36, 20]  # the square, Otsu's foreground
    assert np.abs(after[36, 20] - bright).max() < 60
    assert after[36, 90, 0] > 150
    assert after[36, 90, 1] < 60


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--anchor", "screen"), "give a sprite to each"),
        (("--sprite", "red.png", "--anchor", "sky"), "no anchor 'sky'"),
        (("--sprite", "red.png", "--save", "mask"), "--save mask"),
        (("--sprite", "red.png", "--background", "none"), "stand before"),
        (("--sprite", "gone.png"), "gone.png"),
    ],
)
def test_video_when_virtual_things_make_no_sense_then_says_so(
    pixelwise, clip, sprite, arguments, said
):
    done = pixelwise("video", clip, "--method", "otsu", *arguments)
    assert done.code in (2, 4), done.err
    assert said in done.err


def test_live_when_a_sprite_is_given_then_recorded_with_it(pixelwise, clip, sprite, tmp_path):
    done = pixelwise(
        *("live", "--source", clip, "--method", "otsu", "--headless", "--json"),
        *("--sprite", sprite, "--anchor", "screen:x=0.9,y=0.9,width=0.1"),
        *("--record", tmp_path / "out.mp4"),
    )
    assert done.code == 0, done.err
    shown = next(iter(VideoFile(tmp_path / "out.mp4"))).pixels.astype(int)
    assert shown[86, 115, 0] > 150
    assert shown[86, 115, 1] < 60


def test_video_when_the_output_is_the_input_then_2_and_untouched(pixelwise, clip):
    before = clip.read_bytes()
    done = pixelwise("video", clip, "--method", "otsu", "-o", clip)
    assert done.code == 2
    assert "the output is the input" in done.err
    assert clip.read_bytes() == before


@pytest.mark.parametrize("times", [1, 3])
def test_video_when_interrupted_then_130_and_what_there_is_plays(tmp_path, times):
    path, out = film(tmp_path / "in.mp4", 900), tmp_path / "out.mp4"
    command = ("video", path, "--method", "otsu", "--per-frame", "-o", out)
    process = subprocess.Popen(
        [sys.executable, "-m", "pixelwise", *map(str, command)], stderr=subprocess.PIPE, text=True
    )
    part, end = tmp_path / "out.part.mp4", time.monotonic() + 60
    while not (part.exists() and part.stat().st_size > 20_000):
        assert time.monotonic() < end
        time.sleep(0.02)
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    there = out if out.exists() else part
    assert 0 < len(list(VideoFile(there))) < 900


def test_live_when_recorded_as_pictures_then_one_file_each_with_alpha(pixelwise, clip, tmp_path):
    done = pixelwise(
        *("live", "--source", clip, "--method", "otsu", "--headless", "--json"),
        *("--background", "none", "--record", tmp_path / "out_%03d.png"),
    )
    assert done.code == 0, done.err
    written = sorted(tmp_path.glob("out_*.png"))
    assert written
    assert read(written[0]).channels == 4


@pytest.fixture
def frames(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(8, 20):
        write(folder / f"{number}.png", Image(picture(number)))
    return folder


def test_video_when_a_folder_of_pictures_is_given_then_a_film_at_that_rate(
    pixelwise, frames, tmp_path
):
    (frames / "12.png").write_bytes(b"\x89PNG")
    done = pixelwise("video", "frames", "--method", "otsu", "--rate", "10", "--json")
    assert done.code == 0, done.err
    (line,) = done.lines
    assert (line["frames"], line["damaged_frames"]) == (12, [4])
    images = list(VideoFile(tmp_path / "frames.composite.mp4"))
    assert [image.space.time_s for image in images] == pytest.approx([n / 10 for n in range(12)])
    strict = pixelwise("video", "frames/%d.png", "--method", "otsu", "--strict", "-o", "a.mp4")
    assert strict.code in (3, 4)
    assert len(list(VideoFile(tmp_path / "a.mp4"))) == 12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("frames", "-o", "frames/out_%03d.png"), "give another folder"),
        (("frames", "--rate", "fast"), "a number"),
        (("in.mp4", "--rate", "10"), "has its own times"),
    ],
)
def test_video_when_a_folder_or_rate_makes_no_sense_then_2_and_nothing_is_written(
    pixelwise, clip, frames, arguments, said
):
    done = pixelwise("video", *arguments, "--method", "otsu")
    assert done.code == 2, done.err
    assert said in done.err
    assert len(list(frames.iterdir())) == 12


def test_live_when_a_folder_plays_as_a_camera_then_recorded(pixelwise, frames, tmp_path):
    done = pixelwise(
        *("live", "--source", frames, "--method", "otsu", "--headless", "--json"),
        *("--background", "blue", "--record", tmp_path / "r.mp4"),
    )
    assert done.code == 0, done.err
    assert done.lines[-1]["frames"] + done.lines[-1]["late"] == 12


def test_video_when_the_background_is_a_picture_then_it_covers_what_is_behind(
    pixelwise, clip, tmp_path
):
    write(tmp_path / "back.png", Image(np.full((9, 40, 3), (20, 200, 60), np.uint8)))
    done = pixelwise("video", clip, "--method", "otsu", "--background", tmp_path / "back.png")
    assert done.code == 0, done.err
    shown = list(VideoFile(clip.with_name("in.composite.mp4")))[5].pixels.astype(int)
    assert np.abs(shown[90, 100] - (20, 200, 60)).max() < 40
    assert np.abs(shown[36, 34] - (230, 200, 40)).max() < 60
