"""Volumes whose header names another file: only one that lies beside it is ever opened."""

import re
from pathlib import Path

from pixelwise.errors import InputError
from pixelwise.io.format import Reading
from pixelwise.io.sources import shown
from pixelwise.io.volumes.scratch import viewed

__all__ = ["beside"]

NAME = re.compile(r"[^/\\:\x00-\x1f]+")
"""A plain file name: no folder, no drive, no scheme of an address."""


def beside(header: Path | None, name: str, rules: Reading) -> bytes | memoryview:
    """Return the bytes of the data file that a header names.

    Args:
        header: Where the header lies; None: it came as bytes, and has no neighbours.
        name: What it says.
        rules: Limits.

    Raises:
        InputError: The name is a path, an address, a link out of the folder, or is missing.
    """
    if header is None:
        raise InputError(f"its voxels lie in another file ({shown(name)}); give both as files")
    if not NAME.fullmatch(name) or name in (".", ".."):
        raise InputError(
            f"the header names the data file {shown(name)!r}; only a plain name of a file in the "
            "same folder is opened",
            reason="outside",
        )
    place = header.parent / name
    if place.resolve().parent != header.parent.resolve():
        raise InputError(f"the data file {shown(name)!r} is a link out of the folder; copy it in")
    return viewed(place, rules)
