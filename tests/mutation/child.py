"""Decodes damaged files one after the other and says what came; run by ``conftest.py``.

``python child.py FOLDER FIRST COUNT``: FOLDER holds sound files of one format; mutants FIRST to
COUNT are made from them, the same ones in every run. One line before each mutant, one after it.
"""

import io
import resource
import sys
from pathlib import Path

from PIL import Image as PillowImage

from pixelwise.errors import PixelwiseError
from pixelwise.io.files import decode
from pixelwise.io.format import Reading
from pixelwise.io.limits import SERVER

sys.path.insert(0, str(Path(__file__).parent))
from mutants import mutant

RULES = (Reading(limits=SERVER), Reading(limits=SERVER, allow_truncated=True))
SIDEWAYS = range(5, 9)


def stated_size(data):
    """Return the (height, width) that another reader finds in the header, or None."""
    try:
        with PillowImage.open(io.BytesIO(data)) as picture:
            width, height = picture.size
            turned = (
                picture.format not in ("TIFF", "HEIF") and picture.getexif().get(274, 1) in SIDEWAYS
            )
    except Exception:  # noqa: BLE001
        return None
    return (width, height) if turned else (height, width)


def verdict(data, suffix, rules):
    """Return ``ok`` for what the contract allows, else what was wrong."""
    try:
        image = decode(data, "mutant" + suffix, rules)
    except PixelwiseError as error:
        return "ok" if str(error).isprintable() else f"unprintable message {error!r}"
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__} leaked: {error}"
    expected = stated_size(data)
    if expected is not None and image.size != expected:
        return f"size {image.size}, the header says {expected}"
    return "ok"


def main():
    folder, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    paths = sorted(folder.iterdir())
    files = [path.read_bytes() for path in paths]
    for path, data in zip(paths, files, strict=True):
        if verdict(data, path.suffix, RULES[0]) != "ok":
            raise SystemExit(f"{path} is not sound")
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(first, count):
        data = mutant(files, number)
        sys.stdout.write(f"start {number}\n")
        sys.stdout.flush()
        said = verdict(data, paths[0].suffix, RULES[number // 4 % 2])
        peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) // 1024
        sys.stdout.write(f"done {number} {peak} {said}\n")
        sys.stdout.flush()


main()
