"""What a batch works on, never held in memory as a whole."""

import glob
import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePath
from sqlite3 import connect

from pixelwise.batch import ROOTS
from pixelwise.batch.archives import is_archive, packed
from pixelwise.batch.items import Item, OnDisk, is_wanted
from pixelwise.batch.root import Root
from pixelwise.errors import InputError, UsageError
from pixelwise.io.annotations.converting import open_dataset
from pixelwise.io.annotations.pictures import FOLDERS

__all__ = ["items_of", "refuse_overlap", "root_of"]

LIST = "@"
"""``@names.txt`` is a file with one path or address a line."""
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+(://|::)", re.IGNORECASE)
"""``s3://...`` or ``zip::...``; a drive letter has one letter."""
DATASETS = (".json", ".jsonl", ".xml")
"""Endings of files that annotate pictures."""


def root_of(place: str) -> Root:
    """Return a folder, or an address such as ``s3://bucket/folder``, as the root of a batch.

    Raises:
        MissingExtra: It is an address, and the extra ``remote`` is not installed.

    >>> root_of("out")
    Disk(place='out')
    """
    return ROOTS["remote" if ADDRESS.match(place) else "disk"](place)


def items_of(source: str, output: Root) -> Iterator[Item]:
    """Yield the inputs, in no certain order; what lies in ``output`` is left out.

    Args:
        source: A folder (with its sub-folders), a file, a glob (``**`` goes down), a ZIP or tar
            archive, a file that annotates pictures (COCO and others), ``@LIST``, or an address
            of any of fsspec's file systems.
        output: Where the outputs go.

    Raises:
        InputError: There is no such folder, file or list.
    """
    if source.startswith(LIST):
        return _listed(_existing(Path(source.removeprefix(LIST))))
    place = Path(source)
    if ADDRESS.match(source) or place.is_dir():
        root = root_of(source)
        return root.items(skip=output.within(root) or "")
    if glob.has_magic(source) and not place.exists():
        return _matching(source, output)
    _existing(place)
    if is_archive(place):
        return packed(place)
    if place.suffix.lower() in DATASETS:
        return _annotated(place)
    return iter([Item.of(place.name, OnDisk(place))])


def refuse_overlap(source: str, output: Root) -> None:
    """Raise when outputs would land among the inputs; a folder below them is fine.

    Raises:
        UsageError: The output folder is the input folder, or holds it.
    """
    if not ADDRESS.match(source) and not Path(source).is_dir():
        return
    if root_of(source).within(output) is not None:
        raise UsageError(
            f"the output folder {output} holds the input folder {source};"
            " give a folder beside or below the inputs"
        )


def _existing(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"{path}: there is no such folder or file", reason="missing")
    return path


def _matching(pattern: str, output: Root) -> Iterator[Item]:
    parts = PurePath(pattern).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    root = Path(*parts[:fixed])
    skip = output.within(root_of(str(root)))
    for path in root.glob("/".join(parts[fixed:])):
        name = path.relative_to(root).as_posix()
        hidden = any(part.startswith(".") for part in PurePath(name).parts)
        if not hidden and not (skip and name.startswith(f"{skip}/")) and path.is_file():
            yield Item.of(name, OnDisk(path))


def _listed(file: Path) -> Iterator[Item]:
    """Yield what a list names; paths in it are relative to its folder."""
    try:
        lines = file.open(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise InputError(f"{file}: the list cannot be read: {error.strerror}") from error
    with lines, closing(connect("", check_same_thread=False)) as seen:  # "": on the disk, not kept
        seen.execute("CREATE TABLE seen (name BLOB PRIMARY KEY, text BLOB) WITHOUT ROWID")
        for line in lines:
            text = line.rstrip("\r\n")
            if not text:
                continue
            name = _below_root(ADDRESS.sub("", text))
            row = (os.fsencode(name), os.fsencode(text))
            if seen.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", row).rowcount == 1:
                yield from _named(text, name, file.parent)
            elif (
                seen.execute("SELECT text FROM seen WHERE name = ?", row[:1]).fetchone()[0]
                != row[1]
            ):
                raise InputError(f"{file}: {text} and another would be written to one {name}")


def _named(text: str, name: str, folder: Path) -> Iterator[Item]:
    if ADDRESS.match(text):
        for item in root_of(text).items(skip=""):
            yield replace(item, name=name)
        return
    yield Item.of(name, OnDisk(folder / text))


def _annotated(file: Path) -> Iterator[Item]:
    """Yield the pictures that an annotation file is about."""
    for sample in open_dataset(file):
        places = [file.parent / folder / sample.name for folder in FOLDERS]
        found = next((place for place in places if place.is_file()), places[-1])
        if is_wanted(sample.name):
            yield Item.of(sample.name, OnDisk(found))


def _below_root(text: str) -> str:
    """Return a listed path as one that cannot leave the output folder.

    >>> _below_root("/data/a.jpg"), _below_root("x/../../b.jpg")
    ('data/a.jpg', 'b.jpg')
    """
    path = PurePath(os.path.normpath(text))
    kept = [part for part in path.parts if part not in (path.anchor, "..")]
    return "/".join(kept)
