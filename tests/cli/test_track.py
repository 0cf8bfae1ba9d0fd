"""pixelwise track and video --track, as a user runs them."""

import json

import numpy as np
import pytest

from pixelwise.core import Image, Instances
from pixelwise.io.annotations.converting import open_dataset
from pixelwise.io.files import write
from pixelwise.io.video import VideoFile
from tests.films import film

SIZE = (96, 128)


def ball(number, size):
    """A dark ground with two bright balls that roll towards each other in two rows."""
    pixels = np.full((*size, 3), 30, np.uint8)
    y, x = np.mgrid[0 : size[0], 0 : size[1]]
    pixels[(x - 15 - 4 * number) ** 2 + (y - 25) ** 2 < 100] = (230, 60, 60)
    pixels[(x - 112 + 4 * number) ** 2 + (y - 70) ** 2 < 100] = (240, 230, 80)
    return pixels


@pytest.fixture
def clip(tmp_path):
    return film(tmp_path / "balls.mp4", 24, make=ball, size=SIZE, sound=True)


def test_track_when_a_folder_is_given_then_every_kind_reads_back_with_its_tracks(
    pixelwise, clip, tmp_path
):
    done = pixelwise(
        "track", clip, "-o", "out", "--method", "otsu", "--json",
        "--save", "overlay,coco-video,mots,mot,davis", "--line", "gate=64,0,64,96",
    )  # fmt: skip
    assert done.code == 0, done.err
    (entry,) = done.lines
    assert entry["frames"] == 24
    assert [(row["track"], row["frames"]) for row in entry["tracks"]] == [(1, 24), (2, 24)]
    assert {row["event"]: row["count"] for row in entry["counts"]} == {"in": 1, "out": 1}
    out = tmp_path / "out"
    for kind in ("coco-video.json", "mots", "mot", "davis"):
        samples = list(open_dataset(out / f"balls.{kind}"))
        assert len(samples) == 24, kind
        for sample in samples:
            assert isinstance(sample.result, Instances)
            assert len(set(sample.result.segments.track_id.tolist())) == 2, kind
    events = [json.loads(line) for line in (out / "balls.events.jsonl").read_text().splitlines()]
    assert [event["place"] for event in events] == ["gate", "gate"]
    shown = list(VideoFile(out / "balls.tracks.mp4"))
    assert len(shown) == 24
    assert VideoFile(out / "balls.tracks.mp4").facts.has_audio


@pytest.mark.parametrize("given", ["balls", "balls/%03d.png"])
def test_track_when_a_folder_of_pictures_is_given_then_its_tracks(pixelwise, tmp_path, given):
    (tmp_path / "balls").mkdir()
    for number in range(12):
        write(tmp_path / "balls" / f"{number:03d}.png", Image(ball(number, SIZE)))
    done = pixelwise("track", given, "-o", "out", "--method", "otsu", "--rate", "5", "--json")
    assert done.code == 0, done.err
    (entry,) = done.lines
    assert [(row["track"], row["frames"]) for row in entry["tracks"]] == [(1, 12), (2, 12)]
    shown = list(VideoFile(tmp_path / "out" / "balls.tracks.mp4"))
    assert [image.space.time_s for image in shown] == pytest.approx([n / 5 for n in range(12)])
    assert len(list(open_dataset(tmp_path / "out" / "balls.coco-video.json"))) == 12


@pytest.mark.parametrize(("name", "kind"), [("a.webm", 1), ("a.json", 0)])
def test_track_when_a_file_is_given_then_its_suffix_says_what_is_written(
    pixelwise, clip, tmp_path, name, kind
):
    done = pixelwise("track", clip, "-o", name, "--method", "otsu", "--tracker", "byte")
    assert done.code == 0, done.err
    assert b"2 tracks in 24 frames" in done.out
    assert len(list(VideoFile(tmp_path / name) if kind else open_dataset(tmp_path / name))) == 24


@pytest.mark.parametrize(
    "arguments",
    [
        ("--mask", "first.png"),
        ("--box", "2,10,30,40"),
        ("--point", "15,25"),
        ("--moving", "median", "--learn", "24"),
    ],
)
def test_track_when_things_are_pointed_at_or_move_then_they_are_followed(
    pixelwise, clip, tmp_path, arguments
):
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    disc = (x - 15) ** 2 + (y - 25) ** 2 < 100
    write(tmp_path / "first.png", Image(disc.astype(np.uint8) * 255))
    done = pixelwise("track", clip, "-o", "a.json", *arguments)
    assert done.code == 0, done.err
    middle = list(open_dataset(tmp_path / "a.json"))[12].objects
    assert len(middle) == (2 if arguments[0] == "--moving" else 1)
    truth = (x - 15 - 48) ** 2 + (y - 25) ** 2 < 100
    mask = max(middle.masks, key=lambda mask: np.count_nonzero(mask & truth))
    assert np.count_nonzero(mask & truth) > 0.8 * np.count_nonzero(mask | truth)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--tracker", "nobody"), "tracker"),
        (("--line", "gate=1,2"), "two points"),
        (("--zone", "a=1,2,x"), "NAME=x,y"),
        (("--tracker-set", "memory=-1"), "memory"),
        (("-o", "a.txt"), "folder"),
        (("-o", "balls.mp4"), "is the input"),
        (("--moving", "nothing"), "background"),
        (("--moving", "knn"), "--method"),
        (("--mask", "a.png", "--box", "1,1,9,9"), "not both"),
    ],
)
def test_track_when_an_option_is_wrong_then_2_and_one_line(
    pixelwise, clip, tmp_path, arguments, word
):
    (tmp_path / "a.txt").write_text("here")
    done = pixelwise("track", clip, "-o", "out", "--method", "otsu", *arguments)
    assert done.code == 2, done.err
    assert word in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_track_when_frames_are_damaged_then_they_are_listed_and_strict_ends_with_3_or_4(
    pixelwise, tmp_path
):
    path = film(tmp_path / "in.mp4", 60, make=ball, size=SIZE, options={"crf": "10"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 800] = bytes(800)
    path.write_bytes(bytes(data))
    done = pixelwise(
        "track", path, "-o", "a.json", "--moving", "mog2", "--learn", "5", "--json", "--strict"
    )
    assert done.code in (3, 4)
    assert "damaged" in done.err
    assert done.lines[0]["frames"] == 60
    assert done.lines[0]["damaged_frames"]
    assert len(list(open_dataset(tmp_path / "a.json"))) == 60


def test_track_when_the_output_folder_is_in_use_then_refused_before_any_work(
    pixelwise, clip, tmp_path
):
    used = tmp_path / "out" / "balls.mots"
    used.mkdir(parents=True)
    (used / "mine.txt").write_text("mine")
    done = pixelwise("track", clip, "-o", "out", "--method", "otsu", "--save", "mots,overlay")
    assert done.code == 2
    assert not (tmp_path / "out" / "balls.tracks.mp4").exists()


def test_video_when_tracked_then_the_overlay_has_ids_and_trails(pixelwise, clip, tmp_path):
    plain = pixelwise("video", clip, "--method", "otsu", "--save", "overlay", "-o", "a.mp4")
    done = pixelwise("video", clip, "--method", "otsu", "--track", "-o", "b.mp4")
    assert (plain.code, done.code) == (0, 0), done.err
    before, after = (list(VideoFile(tmp_path / name))[20].pixels for name in ("a.mp4", "b.mp4"))
    trail = np.abs(before[33:36, 30:70].astype(int) - after[33:36, 30:70]).max()
    assert trail > 60
