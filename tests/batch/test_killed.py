"""Faults 1, 18, 19, 27 and 30: however a batch ends, the next run makes the same tree."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from .conftest import run, start, tree

PLACES = ("after_tmp", "before_fsync", "before_rename", "after_rename", "before_journal")


@pytest.mark.parametrize("place", PLACES)
def test_batch_when_killed_at_a_failpoint_then_the_next_run_makes_the_same_tree(
    pictures, finished, tmp_path, place
):
    env = {"PIXELWISE_FAILPOINT": f"{place}:5"}
    code, _, _ = run(pictures, tmp_path, "--method", "otsu", env=env)
    assert code == -signal.SIGKILL
    assert tree(tmp_path) != finished

    code, _, err = run(pictures, tmp_path, "--method", "otsu")

    assert code == 0, err
    assert tree(tmp_path) == finished


@pytest.mark.fuzz
def test_batch_when_killed_at_random_times_then_the_next_run_makes_the_same_tree(request, tmp_path):
    """8 kills of 60 pictures; 30 of 200 under ``make fuzz``."""
    is_long = request.config.getoption("hypothesis_profile", None) == "fuzz"
    kills, count = (30, 200) if is_long else (8, 60)
    dice = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for number in range(count):
        pixels = dice.integers(0, 255, (24, 32, 3), np.uint8)
        cv2.imwrite(str(tmp_path / f"in/{number}.png"), pixels)
    out, once = tmp_path / "out", tmp_path / "once"
    for _ in range(kills):
        process = start(tmp_path / "in", out, "--method", "otsu", "--json")
        left = int(dice.integers(0, 1 + 2 * count // kills))  # pictures that it may yet finish
        for _ in range(left):
            process.stdout.readline()
        time.sleep(dice.uniform(0, 0.02))
        process.kill()
        process.communicate()
        _check_readers_see_only_whole_files(out)

    code, _, err = run(tmp_path / "in", out, "--method", "otsu")

    assert code == 0, err
    assert run(tmp_path / "in", once, "--method", "otsu")[0] == 0
    assert tree(out) == tree(once)


def _check_readers_see_only_whole_files(folder):
    for path in folder.rglob("*.labels.png"):
        if not path.name.startswith("."):
            assert path.read_bytes()[-8:-4] == b"IEND"


def test_batch_when_killed_then_what_the_journal_holds_is_not_computed_again(pictures, tmp_path):
    env = {"PIXELWISE_FAILPOINT": "before_journal:9"}
    run(pictures, tmp_path, "--method", "otsu", env=env)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.labels.png")}
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()[1:]

    code, said, err = run(pictures, tmp_path, "--method", "otsu", "--json")

    assert code == 0, err
    assert json.loads(said.splitlines()[-1])["kept"] == len(lines) >= 8
    for line in lines:
        (output,) = json.loads(line)["outputs"]
        path = tmp_path / output["file"]
        assert path.stat().st_mtime_ns == before[path]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_batch_when_asked_to_end_then_130_and_it_goes_on_later(
    pictures, finished, tmp_path, number
):
    process = start(pictures, tmp_path, "--method", "otsu", "--json")
    process.stdout.readline()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "kept" in err
    assert err.count("\n") == 1
    assert run(pictures, tmp_path, "--method", "otsu")[0] == 0
    assert tree(tmp_path) == finished


@pytest.mark.parametrize("workers", [1, 2])
def test_batch_when_other_workers_then_the_same_tree(pictures, finished, tmp_path, workers):
    code, _, err = run(pictures, tmp_path, "--method", "otsu", "--workers", workers)

    assert code == 0, err
    assert tree(tmp_path) == finished


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_output_when_written_then_in_the_order_that_survives_a_power_cut(pictures, tmp_path):
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2,write"
    command = ("strace", "-f", "-y", "-e", calls, "-o", str(trace), sys.executable, "-m")
    picture = next(pictures.glob("*.png"))
    code, _, err = run(
        picture, tmp_path / "out", "--method", "otsu", program=(*command, "pixelwise", "batch")
    )
    assert code == 0, err

    steps = [line for line in trace.read_text().splitlines() if str(tmp_path) in line]
    kinds = [_step(line) for line in steps if re.search("labels.png|fsync|journal", line)]
    kinds = [kind for kind in kinds if kind]
    first = kinds.index("fsync part")
    assert kinds[first : first + 3] == ["fsync part", "rename", "fsync folder"]
    assert "journal" in kinds[first + 3 :]
    assert "journal" not in kinds[:first]


def _step(line):
    if "rename" in line:
        return "rename"
    if "write" in line:
        return "journal" if "journal.jsonl>" in line else ""
    if ".part>" in line:
        return "fsync part" if "labels.png" in line else ""
    return "fsync folder" if "/out>" in line else ""


def test_failpoint_when_not_named_then_nothing(tmp_path):
    code = "from pixelwise.io.atomic import failpoint; failpoint('after_tmp'); print('alive')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"alive\n"
