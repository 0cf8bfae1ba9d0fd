"""A folder of tiny pictures, and batches as a user runs them."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

COMMAND = (sys.executable, "-W", "error", "-m", "pixelwise", "batch")
WITH_RAY = (sys.executable, "-m", "pixelwise", "batch", "--engine", "ray")  # it warns of itself


def start(*arguments, program=COMMAND, env=None, **options):
    return subprocess.Popen(
        [*program, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=options.pop("stderr", subprocess.PIPE),
        env={**os.environ, **(env or {})},
        text=True,
        **options,
    )


def run(*arguments, **options):
    """Return exit code, stdout and stderr of ``pixelwise batch``."""
    process = start(*arguments, **options)
    out, err = process.communicate(timeout=100)
    return process.returncode, out, err


def tree(folder):
    """Return every file below a folder with its hash: the journal too."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """40 pictures, some in sub-folders, some of the same stem."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "sub/deep").mkdir(parents=True)
    random = np.random.default_rng(0)
    for number in range(40):
        place = folder / ("", "sub", "sub/deep")[number % 3]
        name = f"p{number // 2}.{('png', 'bmp')[number % 2]}"
        cv2.imwrite(str(place / name), random.integers(0, 255, (24, 32, 3), np.uint8))
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture(scope="session")
def finished(pictures, tmp_path_factory):
    """Return the tree of a run that nothing interrupts."""
    folder = tmp_path_factory.mktemp("finished")
    code, _, err = run(pictures, folder, "--method", "otsu")
    assert code == 0, err
    return tree(folder)


@pytest.fixture(scope="session")
def cluster():
    """Return the address of a Ray cluster of two nodes, one slot each."""
    pytest.importorskip("ray")
    program = Path(__file__).with_name("two_nodes.py")
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0"},
        text=True,
    ) as nodes:
        lines = (line.strip() for line in nodes.stdout)
        yield next(line for line in lines if re.fullmatch(r"[\d.]+:\d+", line))
        nodes.stdin.close()


@pytest.fixture(params=["local", "ray"])
def engine(request):
    """Return the program and the environment of an engine: each test runs on both."""
    if request.param == "local":
        return {"program": COMMAND}
    env = {"RAY_ADDRESS": request.getfixturevalue("cluster")}
    return {"program": WITH_RAY, "env": env}
