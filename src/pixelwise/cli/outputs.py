"""Where outputs go: never two inputs to one name, never over an input."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pixelwise.errors import UsageError

__all__ = ["plan"]


def plan(inputs: Sequence[Path], folder: Path | None) -> dict[Path, Path]:
    """Return for each input the path, without suffix, that its outputs are named after.

    Beside the input, or in ``folder``; inputs of one name from several folders keep their path
    below the folder that all share, and ``a.jpg`` beside ``a.png`` keeps its suffix.

    Raises:
        UsageError: ``folder`` is a file.

    >>> made = plan([Path("x/a.jpg"), Path("y/a.jpg")], Path("out"))
    >>> [path.as_posix() for path in made.values()]
    ['out/x/a', 'out/y/a']
    """
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UsageError(f"the output {folder} is a file; give a folder")
    unique = list(dict.fromkeys(inputs))
    places = {path: _place(path, unique, folder) for path in unique}
    twins = Counter(places.values())
    return {
        path: place.with_name(path.name) if twins[place] > 1 else place
        for path, place in places.items()
    }


def _place(path: Path, inputs: Sequence[Path], folder: Path | None) -> Path:
    if folder is None:
        return path.with_name(path.stem)
    stems = Counter(other.stem for other in inputs)
    parents = {other.parent for other in inputs if other.stem == path.stem}
    if stems[path.stem] == 1 or len(parents) == 1:
        return folder / path.stem
    shared = Path(os.path.commonpath([other.resolve().parent for other in inputs]))
    return folder / path.resolve().relative_to(shared).with_name(path.stem)
