"""Reading and writing any file: the suffix picks the row of FORMATS, the content has its say."""

import os
from pathlib import Path, PurePath

from pixelwise.core import Image
from pixelwise.errors import InputError
from pixelwise.io import FORMATS
from pixelwise.io.format import Reading, Thing
from pixelwise.io.signatures import HEAD, signature_of
from pixelwise.io.sources import shown

__all__ = ["decode", "encode", "format_of", "read", "read_thing", "suffix_of", "write"]

FALLBACK = ".png"
"""Row for what has no known suffix: every picture row decides by the content."""
VOLUMES = (".dcm", ".nii", ".nrrd")
"""Rows that are found by the content of a file without a known suffix."""


def read(path: str | os.PathLike[str], rules: Reading | None = None) -> Image:
    """Return the picture or volume in a file: upright, sRGB, with its place in the world.

    Args:
        path: A file in a format of FORMATS.
        rules: Limits, and what is done about cut files.

    Returns:
        The image; ``image.notes`` say what was odd about the file, such as ``"truncated: ..."``.

    Raises:
        InputError: It is missing, no regular file, damaged, or in a format that is not read.
        LimitError: It asks for more than the rules allow; checked before memory is taken.
        MissingExtra: Its format needs an extra.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "grey.png"
    >>> write(path, Image(np.full((2, 3), 7, np.uint8)))
    >>> read(path).pixels[..., 0].tolist()
    [[7, 7, 7], [7, 7, 7]]
    """
    return _image(read_thing(path, rules), path)


def read_thing(path: str | os.PathLike[str], rules: Reading | None = None) -> Thing:
    """Return what a file holds: an image, or a result where its format keeps those.

    Raises:
        InputError: It cannot be read; see :func:`read`.
        LimitError: It asks for too much.
    """
    place = Path(os.fsdecode(path))
    row = FORMATS[format_of(place) or FALLBACK]
    return row.read(place, rules or Reading())


def decode(data: bytes, name: str = "data", rules: Reading | None = None) -> Image:
    """Return the picture in the bytes of a file, as from standard input or a request.

    Args:
        data: The whole file.
        name: Its name, for messages and for its format; without a suffix the content decides.
        rules: Limits, and what is done about cut files.

    Raises:
        InputError: It cannot be read.
        LimitError: It asks for too much.
        MissingExtra: Its format needs an extra.
    """
    rules = rules or Reading()
    signature = signature_of(data[:HEAD])
    told = signature.suffix if signature is not None else ""
    row = FORMATS[suffix_of(PurePath(name)) or told or FALLBACK]
    return _image(row.decode(data, name=name, rules=rules), name)


def write(path: str | os.PathLike[str], thing: Thing) -> None:
    """Write an image or a result; the suffix decides the format. Whole, or not at all.

    Args:
        path: Where; an existing file is replaced.
        thing: What.

    Raises:
        UnknownName: No format has that suffix.
        OutputError: The format cannot hold the thing, or the system refuses to write.
        MissingExtra: The format needs an extra.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "grey.png"
    >>> write(path, Image(np.full((2, 3), 7, np.uint8)))
    >>> read(path).pixels[..., 0].tolist()
    [[7, 7, 7], [7, 7, 7]]
    """
    place = Path(os.fsdecode(path))
    FORMATS[suffix_of(place) or place.suffix.lower()].write(place, thing)


def encode(thing: Thing, suffix: str) -> bytes:
    """Return a thing as the bytes of a file with ``suffix``, as for standard output.

    Raises:
        UnknownName: No format has that suffix.
        OutputError: The format cannot hold the thing.

    >>> encode(Image(np.zeros((2, 2), np.uint8)), ".png")[1:4]
    b'PNG'
    """
    return FORMATS[suffix.lower()].encode(thing)


def suffix_of(path: PurePath) -> str:
    """Return the longest ending of the name that is a row of FORMATS, or an empty string.

    >>> suffix_of(PurePath("a.b.PNG")), suffix_of(PurePath("a.xyz"))
    ('.png', '')
    """
    endings = [ending.lower() for ending in path.suffixes]
    tails = ("".join(endings[start:]) for start in range(len(endings)))
    return next((tail for tail in tails if tail in FORMATS), "")


def format_of(path: Path) -> str:
    """Return the row of FORMATS that reads a file: its suffix, or a volume's own beginning.

    DICOM files are often called without a suffix. Empty: neither tells.

    >>> format_of(Path("a.PNG")), format_of(Path("missing"))
    ('.png', '')
    """
    suffix = suffix_of(path)
    if suffix or not path.is_file():
        return suffix
    try:
        with path.open("rb") as file:
            signature = signature_of(file.read(HEAD))
    except OSError:  # whoever reads it says why
        return ""
    return signature.suffix if signature is not None and signature.suffix in VOLUMES else ""


def _image(thing: Thing, path: str | os.PathLike[str]) -> Image:
    if isinstance(thing, Image):
        return thing
    kind = type(thing).__name__
    raise InputError(f"{shown(os.fsdecode(path))}: expected a picture, it holds {kind}")
