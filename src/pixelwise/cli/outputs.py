"""Where outputs go: never two inputs to one name, never over an input."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pixelwise.errors import UsageError

__all__ = ["plan"]


def plan(
    inputs: Sequence[Path], folder: Path | None, endings: Sequence[str] = ()
) -> dict[Path, Path]:
    """Return for each input the path, without suffix, that its outputs are named after.

    Beside the input, or in ``folder``; inputs of one name from several folders keep their path
    below the folder that all share, and ``a.jpg`` beside ``a.png`` keeps its suffix.

    Args:
        inputs: The pictures.
        folder: Where the outputs go; None: beside the inputs.
        endings: What the names of the outputs end with.

    Raises:
        UsageError: ``folder`` is a file, an input is a folder, or an output would be written over
            an input.

    >>> made = plan([Path("x/a.jpg"), Path("y/a.jpg")], Path("out"))
    >>> [path.as_posix() for path in made.values()]
    ['out/x/a', 'out/y/a']
    """
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UsageError(f"the output {folder} is a file; give a folder")
    for path in inputs:
        if path.is_dir():
            raise UsageError(f"{path} is a folder; `pixelwise batch {path} OUT_DIR` takes folders")
    unique = list(dict.fromkeys(inputs))
    places = dict(zip(unique, _places(unique, folder), strict=True))
    twins = Counter(places.values())
    named = {
        path: place.with_name(path.name) if twins[place] > 1 else place
        for path, place in places.items()
    }
    if len({*named.values()}) < len(named):  # a.png and a.jpg beside a.png.png
        named = {path: place.with_name(path.name) for path, place in places.items()}
    _refuse_overwriting(named, endings)
    return named


def _refuse_overwriting(places: Mapping[Path, Path], endings: Sequence[str]) -> None:
    inputs = {os.path.normpath(path.absolute()) for path in places}
    for place in places.values():
        stem = os.path.normpath(place.absolute())
        for ending in endings:
            if stem + ending in inputs:
                raise UsageError(
                    f"{stem}{ending} is an input and would be written over; leave it out, or give "
                    "another folder with -o"
                )


def _places(inputs: Sequence[Path], folder: Path | None) -> Iterator[Path]:
    if folder is None:
        yield from (path.with_name(path.stem) for path in inputs)
        return
    parents: dict[str, set[Path]] = defaultdict(set)
    for path in inputs:
        parents[path.stem].add(path.parent)
    if all(len(found) == 1 for found in parents.values()):
        yield from (folder / path.stem for path in inputs)
        return
    shared = Path(os.path.commonpath({path.resolve().parent for path in inputs}))
    for path in inputs:
        if len(parents[path.stem]) == 1:
            yield folder / path.stem
        else:
            yield folder / path.resolve().relative_to(shared).with_name(path.stem)
