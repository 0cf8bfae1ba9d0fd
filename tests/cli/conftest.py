"""The command line as a user runs it: a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import skimage.data

from pixelwise.core import Image
from pixelwise.io.files import write


@dataclass(frozen=True)
class Done:
    code: int
    out: bytes
    err: str

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.decode().splitlines()]


@pytest.fixture
def pixelwise(tmp_path):
    """Run ``pixelwise ARGUMENTS`` in an empty folder."""

    def run(*arguments, stdin=b"", env=None, cwd=tmp_path):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "pixelwise", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            timeout=120,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode(errors="replace"))

    return run


@pytest.fixture
def picture(tmp_path) -> Path:
    path = tmp_path / "coins.png"
    write(path, Image(np.asarray(skimage.data.coins())))
    return path
