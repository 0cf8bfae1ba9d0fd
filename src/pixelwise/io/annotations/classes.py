"""Classes of one legend found in another, by name."""

import re

from pixelwise.core import Legend, LegendClass

__all__ = ["BACKGROUND", "is_background", "key_of", "matches", "without_background"]

BACKGROUND = ("background", "_background_", "__background__")
SAME = (
    ("airplane", "aeroplane"),
    ("bicycle", "bike", "bicyclist"),
    ("building", "buildings"),
    ("couch", "sofa"),
    ("dining table", "diningtable"),
    ("floor", "flooring"),
    ("motorcycle", "motorbike", "minibike"),
    ("person", "pedestrian", "people"),
    ("potted plant", "pottedplant", "plant"),
    ("sidewalk", "pavement"),
    ("sign symbol", "traffic sign", "signsymbol"),
    ("tv", "tvmonitor", "television receiver"),
    ("vegetation", "tree", "trees"),
    ("water", "sea"),
    ("windowpane", "window"),
)
"""Names of one thing in different sets; the same word in another grouping, not a near kin."""
ENDINGS = re.compile(r"(-other-merged|-other|-merged|-stuff|-things)$")


def key_of(name: str) -> str:
    """Return what names of the same class have in common.

    >>> key_of("sky-other-merged"), key_of("Traffic_Light") == key_of("traffic light")
    ('sky', True)
    """
    plain = ENDINGS.sub("", name.strip().lower())
    return re.sub(r"[\s_\-]+", "", plain)


def matches(source: Legend, target: Legend) -> dict[int, int]:
    """Return class id of ``source`` -> class id of ``target``, for the classes that both have.

    Equal names come first, then the same word written otherwise, then other names of the thing.

    >>> voc = Legend.official("voc-21")
    >>> matches(Legend.of(["couch", "sky"]), voc)
    {0: 18}
    """
    exact = {row.name: row.id for row in target}
    alike = {key_of(row.name): row.id for row in reversed(target.classes)}
    found: dict[int, int] = {}
    for row in source:
        wanted = [key_of(row.name), *_kin(key_of(row.name))]
        place = exact.get(row.name)
        if place is None:
            place = next((alike[key] for key in wanted if key in alike), None)
        if place is not None:
            found[row.id] = place
    return found


def without_background(legend: Legend) -> Legend:
    """Return the legend without its background class."""
    kept = tuple(row for row in legend if not is_background(row))
    return legend if len(kept) == len(legend) else Legend(kept, legend.void)


def is_background(row: LegendClass) -> bool:
    """Whether a class stands for nothing in particular."""
    return row.name.lower() in BACKGROUND


def _kin(key: str) -> list[str]:
    group = next((names for names in _GROUPS if key in names), ())
    return [name for name in group if name != key]


_GROUPS = [tuple(key_of(name) for name in group) for group in SAME]
