"""COCO's results: a list of detections that name pictures and classes by the ids of a truth."""

from collections.abc import Iterator
from pathlib import Path

from pixelwise.core import Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.coco_instances import objects_in
from pixelwise.io.annotations.coco_tables import (
    RowsByOwner,
    has_keys,
    legend_of,
    needed,
    picture_of,
    the_json,
)
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.format import Reading
from pixelwise.io.sources import shown

__all__ = ["is_results", "read_results"]

NEEDED = ("image_id", "category_id", "segmentation")


def is_results(place: Path) -> bool:
    """Whether a file is a list of detections."""
    if place.suffix.lower() != ".json" or not place.is_file() or not has_keys(place, NEEDED):
        return False
    with place.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def read_results(place: Path, truth: Path, rules: Reading) -> Dataset:
    """Return every picture of the truth with its detections.

    Args:
        place: The list.
        truth: A COCO JSON, or a folder with one.
        rules: Limits.

    Raises:
        InputError: The truth is no COCO JSON, or lacks a picture or class that is named.
    """
    what = "a COCO JSON, by whose ids results name pictures and classes"
    known = JsonTables(needed(the_json(truth, "images", "categories"), truth, what))
    legend = legend_of(known)
    return Dataset(legend=legend, samples=_samples(known, JsonTables(place), legend, rules))


def _samples(
    known: JsonTables, found: JsonTables, legend: Legend, rules: Reading
) -> Iterator[Sample]:
    owners = RowsByOwner(found, name="")
    lost = owners.strangers(known.whole_numbers("images", "id"))
    if lost.size:
        row = found.row("", int(lost[0]))
        raise InputError(
            f"{shown(found.path)}: {row.path}.image_id: the truth has no picture "
            f"{row.value['image_id']} ({lost.size} such rows)",
            reason="ids",
        )
    for entry in known.rows("images"):
        picture = picture_of(entry, rules)
        rows = [found.row("", int(place)) for place in owners.of(picture.id)]
        objects, outlines = objects_in(rows, picture, legend)
        yield Sample(name=picture.name, result=objects, outlines=outlines)
