"""The manual page."""

import shutil
import subprocess

import pytest

from pixelwise.cli import COMMANDS
from pixelwise.cli.manual import roff


def test_manual_when_made_then_every_command_stands_in_it():
    text = roff(COMMANDS)
    assert all(f".SS pixelwise {name}\n" in text for name in COMMANDS)


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_manual_when_typeset_then_options_read_as_typed():
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-P-cbou", "-ww"],
        input=roff(COMMANDS).encode(),
        capture_output=True,
        check=True,
    )
    assert b"--commercial" in done.stdout.replace("\u2010".encode(), b"-")
    assert done.stderr == b""
