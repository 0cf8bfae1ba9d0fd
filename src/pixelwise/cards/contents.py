"""What a model file really is: told by its bytes, never by its name."""

import zipfile
from enum import StrEnum
from pathlib import Path

from pixelwise.cards.protobuf import looks_like_onnx
from pixelwise.cards.safetensors import check_safetensors, looks_like_safetensors
from pixelwise.errors import ModelError

__all__ = ["Content", "check_content", "content_of"]

_HEAD = 4096

PICKLES = "pickle formats run code when they are loaded"


class Content(StrEnum):
    """Kinds of file, told by content."""

    EMPTY = "empty file"
    TFLITE = "TFLite model"
    ONNX = "ONNX model"
    SAFETENSORS = "safetensors file"
    PICKLE = "pickle"
    TORCH = "PyTorch checkpoint (a pickle in a zip)"
    ZIP = "zip archive"
    HDF5 = "HDF5 file"
    GZIP = "gzip file"
    HTML = "web page"
    JSON = "JSON text"
    OTHER = "file of unknown content"


EXPECTED = {
    ".tflite": Content.TFLITE,
    ".onnx": Content.ONNX,
    ".safetensors": Content.SAFETENSORS,
    ".json": Content.JSON,
}
PICKLE_SUFFIXES = (".pt", ".pth", ".pkl", ".pickle", ".joblib", ".ckpt")
OPAQUE = (Content.OTHER, Content.GZIP, Content.ZIP)


def content_of(path: Path) -> Content:
    """Return what the bytes of a file say it is."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        return Content.EMPTY
    for check in (_by_magic, _by_text):
        found = check(head)
        if found is not None:
            return found
    if zipfile.is_zipfile(path) and head[:2] == b"PK":
        return _kind_of_zip(path)
    if _is_pickle(head):
        return Content.PICKLE
    if looks_like_safetensors(head, path.stat().st_size):
        return Content.SAFETENSORS
    return Content.ONNX if looks_like_onnx(path) else Content.OTHER


def check_content(path: Path, *, name: str = "", trust_pickle: bool = False) -> Content:
    """Return what a model file is, after refusing what must not be loaded.

    Args:
        path: The file.
        name: Name whose suffix says what is expected; the file's own if left out.
        trust_pickle: Let pickles pass.

    Raises:
        ModelError: The file is empty, a web page, a pickle, or not what its suffix says; or its
            header is damaged.
    """
    found = content_of(path)
    name = name or path.name
    if found is Content.EMPTY:
        raise ModelError(f"{name} is empty (0 bytes); delete it and get it again")
    if found is Content.HTML:
        raise ModelError(
            f"{name} is a web page, not a model: the server answered with an error page or a "
            "log-in page; get the file again"
        )
    suffix = Path(name).suffix.lower()
    wrapped = suffix in PICKLE_SUFFIXES and found in OPAQUE
    if (wrapped or found in (Content.PICKLE, Content.TORCH)) and not trust_pickle:
        raise ModelError(
            f"{name} is a {found}; {PICKLES}, so it is refused; take the model as ONNX or "
            "safetensors, or pass --trust-pickle if you trust whoever made it"
        )
    expected = EXPECTED.get(suffix)
    if expected is not None and found is not expected:
        raise ModelError(f"{name} should be a {expected} by its name, but its content is a {found}")
    if found is Content.SAFETENSORS:
        check_safetensors(path)
    return found


def _by_magic(head: bytes) -> Content | None:
    if head[4:8] == b"TFL3":
        return Content.TFLITE
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return Content.HDF5
    return Content.GZIP if head.startswith(b"\x1f\x8b") else None


def _by_text(head: bytes) -> Content | None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml", b"<error")):
        return Content.HTML
    if start[:1] in (b"{", b"["):
        return Content.JSON if _is_text(head) else None
    return None


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3
    return b"\0" not in head


def _kind_of_zip(path: Path) -> Content:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return Content.ZIP
    pickled = any(name.endswith((".pkl", ".pickle")) for name in names)
    return Content.TORCH if pickled else Content.ZIP


def _is_pickle(head: bytes) -> bool:
    """Protocols 2 to 5 begin with PROTO; protocols 0 and 1 with an opcode that builds something."""
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return True
    return head.startswith((b"(dp", b"(lp", b"c__builtin__", b"cposix", b"cnt\n", b"cos\n")) or (
        head[:1] == b"c" and b"\n" in head[:128] and head[:128].isascii()
    )
