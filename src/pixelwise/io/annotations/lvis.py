"""What an LVIS file says beside its objects: which classes were looked for in a picture."""

from pathlib import Path, PurePosixPath

from pixelwise.io.annotations.coco_tables import has_keys, picture_of, the_json
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import Reader
from pixelwise.io.format import Reading

__all__ = ["checked_classes"]

ABSENT, PARTLY = "neg_category_ids", "not_exhaustive_category_ids"


def checked_classes(place: Path, rules: Reading) -> dict[str, tuple[list[int], list[int]]] | None:
    """Return for each picture the classes surely absent, and those marked in part only.

    Args:
        place: A JSON file, or the folder that holds one.
        rules: Limits.

    Returns:
        By the picture's name without suffix; None when the file does not say.

    Raises:
        InputError: A list does not hold whole numbers.
    """
    path = the_json(place, "images", "annotations")
    if path is None or not has_keys(path, (ABSENT,)):
        return None
    found = {}
    for row in JsonTables(path).rows("images"):
        stem = PurePosixPath(picture_of(row, rules).name).with_suffix("")
        found[stem.as_posix()] = _numbers(row, ABSENT), _numbers(row, PARTLY)
    return found


def _numbers(row: Reader, key: str) -> list[int]:
    values = row.value.get(key, [])
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise row.wrong(key, "a list of category ids")
    return values
