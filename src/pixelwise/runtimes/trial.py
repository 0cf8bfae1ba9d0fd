"""Opens a model file that nobody vouches for in a child process with a deadline, first.

A crafted file can crash the process that opens it, or run for hours. So it is loaded and run once
on zeros in a child; only when the child ends well is it opened here.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

from pixelwise.core import Session
from pixelwise.errors import ModelError, PixelwiseError
from pixelwise.runtimes import RUNTIMES

__all__ = ["DEADLINE_S", "MEMORY_BYTES", "try_model"]

DEADLINE_S = 30.0
"""Seconds that the child may take, its start included."""

MEMORY_BYTES = 8 << 30
"""Address space that the child may have, where the system can limit it."""

_REFUSED = 6


def try_model(runtime: str, path: Path, *, seconds: float = DEADLINE_S) -> None:
    """Load and run a model once in a child process.

    Args:
        runtime: Row of the RUNTIMES table.
        path: The file.
        seconds: Deadline.

    Raises:
        ModelError: It does not load or run, crashes its process, or takes too long.
    """
    command = [sys.executable, "-m", "pixelwise.runtimes.trial", runtime, str(path)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            capture_output=True,
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            f"{path.name} did not load and run within {seconds:g} s in a child process: refused"
        ) from error
    if done.returncode == 0:
        return
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    if done.returncode == _REFUSED and said:
        raise ModelError(said[0])
    raise ModelError(
        f"{path.name} ended the child process that tried it (code {done.returncode}): refused"
    )


def run_on_zeros(session: Session) -> None:
    """Run a loaded model once; open sides are 1."""
    session.run(
        {
            tensor.name: np.zeros([side or 1 for side in tensor.shape], tensor.dtype)
            for tensor in session.inputs
        }
    )


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _main(runtime: str, path: str) -> int:
    _limit_memory()
    try:
        run_on_zeros(RUNTIMES[runtime](Path(path), threads=1, device="cpu"))
    except PixelwiseError as error:
        sys.stderr.write(f"{error}\n")
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2]))
