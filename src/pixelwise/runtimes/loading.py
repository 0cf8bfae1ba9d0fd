"""What every runtime checks before it loads a file."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Protocol

from pixelwise.core import Session
from pixelwise.errors import InvalidSetting, ModelError

__all__ = [
    "Builder",
    "Loader",
    "checked_threads",
    "default_threads",
    "kind_of",
    "one_line",
    "quiet",
    "refuse_device",
    "require_kind",
]

KINDS = {
    b"PK\x03\x04": "a ZIP archive (a torch checkpoint, or a bundle of models)",
    b"\x80\x02": "a Python pickle, which is never opened because it can run code",
    b"\x80\x04": "a Python pickle, which is never opened because it can run code",
    b"\x80\x05": "a Python pickle, which is never opened because it can run code",
    b"<!": "a web page, probably an error page saved as a model",
    b"<h": "a web page, probably an error page saved as a model",
    b"<H": "a web page, probably an error page saved as a model",
    b"version https://git-lfs": "a Git LFS pointer, not the file itself",
}
"""First bytes -> what the file is, for those that people take for models."""


class Loader(Protocol):
    """Opens a model file; one row of the RUNTIMES table."""

    def __call__(self, path: Path, *, threads: int | None, device: str) -> Session:
        """Return the loaded model; ``threads`` None: :func:`default_threads`."""


class Builder(Protocol):
    """Builds a network by name and fills in its weights; one row of the BUILDERS table."""

    def __call__(
        self,
        path: Path,
        architecture: str,
        *,
        threads: int | None,
        device: str,
        trust_pickle: bool,
    ) -> Session:
        """Return the network; pickled weights are refused unless ``trust_pickle``."""


def default_threads() -> int:
    """Return how many threads one model gets: the cores this process may use, at most 4."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        cores = os.cpu_count() or 1
    return min(4, cores)


def checked_threads(threads: int | None) -> int:
    """Return the number of threads to use.

    Raises:
        InvalidSetting: Less than one.
    """
    if threads is None:
        return default_threads()
    if threads < 1:
        raise InvalidSetting.of("threads", threads, "1 or more")
    return threads


def refuse_device(runtime: str, device: str, there: tuple[str, ...]) -> None:
    """Raise unless ``device`` is one of those that are there; nothing falls back in silence.

    Raises:
        InvalidSetting: It is not there.
    """
    if device not in there:
        raise InvalidSetting.of("device", device, f"one that {runtime} has: {', '.join(there)}")


def kind_of(path: Path) -> str:
    """Return what a file is by its content: ``"litert"``, ``"onnx"``, or a phrase for people.

    Raises:
        ModelError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror or error}") from error
    if not head:
        return "an empty file"
    if head[4:8] == b"TFL3":
        return "litert"
    for begin, phrase in KINDS.items():
        if head.lstrip().startswith(begin):
            return phrase
    return "onnx" if len(head) > 16 and _is_onnx(head) else "none of the model formats known here"


def require_kind(path: Path, runtime: str) -> None:
    """Raise unless the content of ``path`` is what ``runtime`` runs.

    Raises:
        ModelError: It is something else; the message says what.
    """
    kind = kind_of(path)
    if kind != runtime:
        is_model = kind in ("litert", "onnx")
        named = f"a model for the runtime {kind!r}" if is_model else kind
        raise ModelError(f"{path.name} is not a model for {runtime!r} but {named}")


def one_line(error: object) -> str:
    r"""Return what native code says as one line that is safe to print.

    Files can put any characters into such messages, those that move a terminal's cursor among them.

    >>> one_line("no such\n node:  \x1b[2J")
    'no such node: \\x1b[2J'
    """
    text = " ".join(str(error).split())[:400]
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


@contextmanager
def quiet() -> Iterator[list[str]]:
    """Keep what native code writes to stderr away from the terminal; yield the lines at the end.

    Some runtimes announce themselves on stderr while they load a model, with no switch against
    it. The lines are given to the caller, for messages of errors.
    """
    lines: list[str] = []
    try:
        target = sys.__stderr__.fileno() if sys.__stderr__ is not None else 2
        kept = os.dup(target)
    except (OSError, ValueError):  # no stderr at all, as in a windowed program
        yield lines
        return
    with TemporaryFile() as caught:
        os.dup2(caught.fileno(), target)
        try:
            yield lines
        finally:
            os.dup2(kept, target)
            os.close(kept)
            caught.seek(0)
            lines.extend(caught.read().decode("utf-8", "replace").splitlines())


def _is_onnx(head: bytes) -> bool:
    """Say whether the first bytes are a protobuf ModelProto: field 1, the IR version, small."""
    return head[0] == 0x08 and 0 < head[1] < 64 and head[2] & 7 in (0, 2) and head[2] >> 3 <= 25
