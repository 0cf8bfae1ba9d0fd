import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pixelwise.cli.outputs import plan
from pixelwise.core import Image, Rle
from pixelwise.io.files import decode, read, write


def test_segment_when_method_then_overlay_beside_the_picture(pixelwise, picture):
    done = pixelwise("segment", picture, "--method", "otsu")

    assert done.code == 0, done.err
    assert read(picture.with_name("coins.overlay.png")).size == read(picture).size


def test_segment_when_every_kind_is_saved_then_every_file_is_there(pixelwise, picture, tmp_path):
    kinds = "overlay,mask,alpha,labels,cutout,coco,panoptic"
    done = pixelwise(
        "segment", picture, "--method", "otsu", "-o", tmp_path / "out", "--save", kinds
    )

    assert done.code == 0, done.err
    names = {path.name.removeprefix("coins.") for path in (tmp_path / "out").iterdir()}
    assert names == {
        "overlay.png",
        "mask.png",
        "alpha.png",
        "labels.png",
        "cutout.png",
        "coco.json",
        "panoptic.json",
        "panoptic.png",
    }
    assert set(np.unique(read(tmp_path / "out/coins.mask.png").pixels)) == {0, 255}
    assert read(tmp_path / "out/coins.cutout.png").channels == 4


def test_segment_when_json_then_one_record_that_holds_the_mask(pixelwise, picture):
    done = pixelwise("segment", picture, "--method", "otsu", "--json", "--save", "mask")
    (record,) = done.lines
    mask = read(picture.with_name("coins.mask.png")).pixels[..., 0] > 0
    (segment,) = record["segments"]

    assert (record["method"], record["task"], record["model"]) == ("otsu", "foreground", None)
    assert (record["width"], record["height"]) == mask.shape[::-1]
    assert set(record["seconds"]) == {"read", "segment", "write"}
    size, counts = segment["rle"]["size"], segment["rle"]["counts"]
    assert np.array_equal(Rle.parse(tuple(size), counts).decode(), mask)
    assert segment["area"] == mask.sum()


def test_segment_when_settings_given_then_they_count(pixelwise, picture):
    done = pixelwise(
        "segment", picture, "--method", "otsu", "--set", "side=darker", "--json", "--save", "mask"
    )
    assert done.lines[0]["settings"]["side"] == "darker"


def test_segment_when_pipe_then_png_on_stdout(pixelwise, picture):
    done = pixelwise(
        "segment", "-", "--method", "otsu", "--save", "mask", stdin=picture.read_bytes()
    )

    assert done.code == 0, done.err
    assert decode(done.out).size == read(picture).size


def test_segment_when_stdin_is_closed_then_typed_error(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pixelwise", "segment", "-", "--method", "otsu"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 4
    assert done.stderr.count(b"\n") == 1


def test_segment_when_stdout_is_closed_then_quiet_exit(picture, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "pixelwise", "segment", picture, "--method", "otsu", "--json"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        cwd=tmp_path,
    )
    os.close(writer)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_segment_when_some_fail_then_3_and_the_rest_is_done(pixelwise, picture, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    done = pixelwise("segment", bad, picture, "--method", "otsu", "-o", tmp_path / "out")

    assert done.code == 3
    assert (tmp_path / "out/coins.overlay.png").exists()
    log = (tmp_path / "out/failures.jsonl").read_text()
    assert "bad.png" in log
    assert "coins" not in log


def test_segment_when_all_fail_then_4(pixelwise, tmp_path):
    done = pixelwise("segment", "nothing.png", "none.jpg", "--method", "otsu")

    assert done.code == 4
    assert done.err.count("\n") == 2
    assert "Traceback" not in done.err


def test_segment_when_debug_then_traceback(pixelwise, picture):
    done = pixelwise("segment", picture, "--method", "otsu", "--set", "bins=x", "--debug")
    assert done.code == 2
    assert "Traceback" in done.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--method", "otsoo"], "otsu"),
        (["--model", "selfy"], "selfie"),
        (["--method", "otsu", "--set", "bin=3"], "bins"),
        (["--method", "otsu", "--set", "bins"], "key=value"),
        (["--method", "otsu", "--set", "bins=nan"], "whole number"),
        (["--method", "otsu", "--set", "bins=-1"], "2 to 65536"),
        (["--method", "otsu", "--save", "overlaj"], "overlay"),
        (["--method", "otsu", "--model", "selfie"], "not both"),
        (["--method", "otsu", "--point", "3,4"], "no prompts"),
        (["--method", "otsu", "--box", "3,4"], "4 numbers"),
        (["--task", "everything"], "foreground"),
        (["--metod", "otsu"], "--method"),
        (["--model", "../../x"], "no method or model"),
        (["--set", "bins=4"], "--method"),
    ],
)
def test_segment_when_call_is_wrong_then_2_and_one_line_that_helps(
    pixelwise, picture, arguments, named
):
    done = pixelwise("segment", picture, *arguments)

    assert done.code == 2, done.err
    assert named in done.err
    assert done.err.count("\n") == 1
    assert not list(picture.parent.glob("*.overlay.png"))


def test_segment_when_same_names_in_two_folders_then_no_output_is_lost(pixelwise, tmp_path):
    for folder, level in (("a", 50), ("b", 200)):
        (tmp_path / folder).mkdir()
        grey = np.full((4, 6), level, np.uint8)
        grey[0] = 255
        write(tmp_path / folder / "x.png", Image(grey))
    done = pixelwise(
        "segment", "a/x.png", "b/x.png", "--method", "otsu", "-o", "out", "--save", "mask"
    )

    assert done.code == 0, done.err
    assert (tmp_path / "out/a/x.mask.png").exists()
    assert (tmp_path / "out/b/x.mask.png").exists()


def test_segment_when_same_stem_twice_then_suffixes_are_kept(pixelwise, picture):
    other = picture.with_suffix(".bmp")
    write(other, read(picture))
    done = pixelwise("segment", picture, other, "--method", "otsu", "--save", "mask")

    assert done.code == 0, done.err
    assert picture.with_name("coins.png.mask.png").exists()
    assert picture.with_name("coins.bmp.mask.png").exists()


@pytest.mark.parametrize(
    ("kind", "name"), [("mask", "coins.mask.png"), ("panoptic", "coins.panoptic.png")]
)
def test_segment_when_an_output_is_an_input_then_2_and_it_is_untouched(
    pixelwise, picture, kind, name
):
    truth = picture.with_name(name)
    write(truth, Image(np.full((4, 6), 9, np.uint8)))
    before = truth.read_bytes()
    folder = picture.parent / "x"
    folder.mkdir()
    done = pixelwise(
        *("segment", picture, folder / ".." / name, "--method", "otsu"), *("--save", kind)
    )

    assert done.code == 2
    assert f"{name} is an input" in done.err
    assert truth.read_bytes() == before
    assert pixelwise("segment", picture, truth, "--method", "otsu", "-o", folder).code == 0


def test_segment_when_nothing_is_given_then_2_and_one_line(pixelwise):
    done = pixelwise("segment")
    assert done.code == 2
    assert "IN" in done.err
    assert done.err.count("\n") == 1


def test_segment_when_interrupted_then_130_and_what_is_finished_is_kept(picture, tmp_path):
    names = [f"{number}.png" for number in range(400)]
    for name in names:
        (tmp_path / name).write_bytes(picture.read_bytes())
    process = subprocess.Popen(
        [sys.executable, "-m", "pixelwise", "segment", *names, "--method", "otsu", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    first = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "kept" in err
    assert "Traceback" not in err
    assert read(tmp_path / first["files"][0]).size == read(picture).size
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


def test_segment_when_output_is_a_file_then_2(pixelwise, picture, tmp_path):
    (tmp_path / "out").write_bytes(b"mine")
    done = pixelwise("segment", picture, "--method", "otsu", "-o", tmp_path / "out")

    assert done.code == 2
    assert (tmp_path / "out").read_bytes() == b"mine"


def test_segment_when_folder_cannot_be_written_then_7(pixelwise, picture):
    done = pixelwise("segment", picture, "--method", "otsu", "-o", "/proc/nothing")
    assert done.code == 7, done.err


@pytest.mark.parametrize("name", ["-leading.png", "new\nline.png", "\u00fcbel\u202e.png"])
def test_segment_when_name_is_odd_then_read_and_escaped(pixelwise, picture, name):
    odd = picture.with_name(name)
    odd.write_bytes(picture.read_bytes())
    done = pixelwise("segment", f"./{name}", "--method", "otsu", "--save", "mask")

    assert done.code == 0, done.err
    assert done.out.count(b"\n") == 1


def test_segment_when_home_unset_and_locale_c_then_works(pixelwise, picture):
    env = {"HOME": "", "LC_ALL": "C", "TMPDIR": "/proc/none"}
    assert pixelwise("segment", picture, "--method", "otsu", env=env).code == 0


def test_segment_when_offline_and_nothing_here_then_6(pixelwise, picture, tmp_path):
    env = {"PIXELWISE_MODEL_PATH": "", "PIXELWISE_CACHE": str(tmp_path / "cache")}
    done = pixelwise("segment", picture, "--model", "selfie", "--offline", env=env)

    assert done.code == 6, done.err
    assert "selfie" in done.err


def test_segment_when_commercial_and_licence_unclear_then_6(pixelwise, picture, model_dir):
    done = pixelwise("segment", picture, "--model", "prisma", "--commercial")

    assert done.code == 6
    assert "commercial" in done.err


def test_segment_when_device_is_not_here_then_says_so_and_does_nothing(
    pixelwise, picture, model_dir
):
    done = pixelwise("segment", picture, "--model", "selfie", "--device", "cuda")

    assert done.code == 2, done.err
    assert "cuda" in done.err
    assert not list(picture.parent.glob("*.overlay.png"))


def test_segment_when_default_then_person_and_the_choice_is_said(pixelwise, tmp_path, model_dir):
    import skimage.data

    write(tmp_path / "astronaut.png", Image(np.asarray(skimage.data.astronaut())))
    done = pixelwise("segment", "astronaut.png", "--save", "mask,cutout")
    mask = read(tmp_path / "astronaut.mask.png").pixels[..., 0] > 0

    assert done.code == 0, done.err
    assert "selfie" in done.err
    assert mask[400, 250]
    assert not mask[20, 20]
    assert 0.3 < mask.mean() < 0.7


def test_segment_when_refined_then_the_mask_is_the_refined_one(pixelwise, picture):
    plain = pixelwise("segment", picture, "--method", "otsu", "--json", "--save", "mask")
    done = pixelwise(
        *("segment", picture, "--method", "otsu", "--json", "--save", "mask"),
        *("--refine", "drop-specks, fill-holes"),
    )

    assert done.code == 0, done.err
    before, after = (run.lines[0]["segments"][0] for run in (plain, done))
    assert before["area"] != after["area"]
    mask = read(picture.with_name("coins.mask.png")).pixels[..., 0] > 0
    assert after["area"] == mask.sum()


def test_segment_when_refinement_is_unknown_then_usage_error_names_those_there_are(
    pixelwise, picture
):
    done = pixelwise("segment", picture, "--method", "otsu", "--refine", "snip")

    assert done.code == 2
    assert "snap" in done.err


def test_segment_when_uncertainty_of_labels_alone_then_it_says_why_not(pixelwise, picture):
    done = pixelwise("segment", picture, "--method", "otsu", "--save", "uncertainty")

    assert done.code != 0
    assert "no probabilities" in done.err


def test_plan_when_a_suffix_is_part_of_a_stem_then_no_name_twice():
    names = ["a.png", "a.jpg", "a.png.png", "a.png.png.png"]
    places = plan([Path(name) for name in names], None)
    assert len({*places.values()}) == len(names)


def test_plan_when_inputs_are_many_then_each_is_looked_at_once():
    paths = [Path(f"in/{number // 100}/{number}.jpg") for number in range(20_000)]
    paths.append(Path("in/0/7.png"))
    start = time.process_time()
    places = plan(paths, Path("out"))
    assert time.process_time() - start < 10  # looking at all for each takes minutes
    assert len({*places.values()}) == len(paths)


def test_segment_when_an_input_is_a_folder_then_batch_is_named(pixelwise, tmp_path):
    (tmp_path / "photos").mkdir()
    done = pixelwise("segment", "photos", "--method", "otsu")
    assert done.code == 2
    assert "pixelwise batch photos" in done.err
