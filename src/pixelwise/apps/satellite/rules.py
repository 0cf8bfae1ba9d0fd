"""Classes by spectral indices: presets, and thresholds of the user's own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.mapping import Labeller, Part
from pixelwise.core import Legend, LegendClass
from pixelwise.core.legend import spread_colour
from pixelwise.errors import InputError, UnknownName
from pixelwise.ops.spectral import INDICES, index_of

__all__ = ["PRESETS", "Preset", "Rule", "Rules", "bands_of", "levels_of", "named_classes", "preset"]

Colour = tuple[int, int, int]
BLUE, DARK_GREEN, GREEN, LIGHT_GREEN = (38, 103, 200), (20, 92, 40), (86, 158, 61), (190, 210, 110)
YELLOW, RED, GREY, WHITE = (232, 213, 150), (213, 94, 0), (150, 150, 150), (240, 248, 255)


USUAL: Mapping[str, Colour] = {
    "water": BLUE,
    "forest": DARK_GREEN,
    "tree": DARK_GREEN,
    "vegetation": GREEN,
    "grass": LIGHT_GREEN,
    "building": RED,
    "built-up": RED,
    "road": GREY,
    "bare": YELLOW,
    "other": (70, 70, 70),
    "snow": WHITE,
}
"""Colours of classes that learners may be given."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A class, and what a pixel of it fulfils: every index above its number.

    Args:
        name: Of the class.
        colour: RGB.
        above: Index or band -> number that it is above; empty: every pixel that is left.
    """

    name: str
    colour: Colour
    above: Mapping[str, float]


@dataclass(frozen=True)
class Rules(Labeller):
    """Classes by rules; the first that a pixel fulfils gives its class.

    Args:
        name: What they make.
        rules: In order.
    """

    name: str
    rules: tuple[Rule, ...]

    @property
    def legend(self) -> Legend:
        """A class a rule, numbered from 0."""
        rows = (LegendClass(n, rule.name, rule.colour) for n, rule in enumerate(self.rules))
        return Legend(tuple(rows))

    @property
    def bands(self) -> tuple[str, ...]:
        """The bands of all indices."""
        names = [name for rule in self.rules for name in rule.above]
        bands = [band for name in names for band in bands_of(name)]
        return tuple(dict.fromkeys(bands))

    @property
    def facts(self) -> object:
        """The rules."""
        return [asdict(rule) for rule in self.rules]

    def __call__(self, part: Part) -> NDArray[np.uint8]:
        """Return the class of each pixel; void where no rule is fulfilled."""
        values = {name: part.values[..., n] for n, name in enumerate(self.bands)}
        known: dict[str, NDArray[np.float32]] = {}
        labels = np.full(part.values.shape[:2], self.legend.void, np.uint8)
        free = np.ones(labels.shape, bool)
        for number, rule in enumerate(self.rules):
            meets = free.copy()
            for name, level in rule.above.items():
                if name not in known:
                    known[name] = index_of(name, values)
                meets &= known[name] > np.float32(level)
            labels[meets] = number
            free &= ~meets
        return labels


def named_classes(names: tuple[str, ...]) -> Legend:
    """Return classes of these names, in the colours that maps have for the usual ones.

    >>> named_classes(("water", "quay"))[0].colour
    (38, 103, 200)
    """
    rows = (
        LegendClass(n, name, USUAL.get(name.lower(), spread_colour(n + 1)))
        for n, name in enumerate(names)
    )
    return Legend(tuple(rows))


def bands_of(name: str) -> tuple[str, ...]:
    """Return the bands that an index needs; a band needs itself."""
    return INDICES[name].bands if name in INDICES else (name,)


def levels_of(name: str, levels: tuple[float, ...], names: tuple[str, ...] = ()) -> Rules:
    """Return classes of an index between levels, the lowest first.

    Raises:
        InputError: The names are not one more than the levels.

    >>> levels_of("ndvi", (0.2, 0.5)).legend.name(2)
    'ndvi > 0.5'
    """
    edges = sorted(levels)
    titles = [f"{name} <= {edges[0]:g}"]
    titles += [f"{name} {low:g}..{high:g}" for low, high in pairwise(edges)]
    titles.append(f"{name} > {edges[-1]:g}")
    if names:
        if len(names) != len(titles):
            raise InputError(f"{len(edges)} levels make {len(titles)} classes, not {len(names)}")
        titles = list(names)
    lows = [-np.inf, *edges]
    rules = [
        Rule(title, spread_colour(n + 1), {name: float(low)})
        for n, (title, low) in enumerate(zip(titles, lows, strict=True))
    ]
    return _Upwards(name, tuple(rules))


class _Upwards(Rules):
    """Rules of one index with rising levels: the last one that is fulfilled counts."""

    def __call__(self, part: Part) -> NDArray[np.uint8]:
        """Return the class of each pixel; void where the index has no value."""
        values = {name: part.values[..., n] for n, name in enumerate(self.bands)}
        (name,) = self.rules[0].above
        found = index_of(name, values)
        edges = np.array([rule.above[name] for rule in self.rules[1:]], np.float32)
        labels = np.searchsorted(edges, found, side="left").astype(np.uint8)
        labels[np.isnan(found)] = self.legend.void
        return labels


@dataclass(frozen=True, slots=True)
class Preset:
    """Rules by name.

    Args:
        about: What it maps.
        variants: The first whose bands are there is taken.
        source: Where the numbers come from.
    """

    about: str
    variants: tuple[tuple[Rule, ...], ...]
    source: str


_WATER_SWIR, _WATER = Rule("water", BLUE, {"mndwi": 0.0}), Rule("water", BLUE, {"ndwi": 0.0})
_DENSE, _SPARSE = (
    Rule("dense vegetation", DARK_GREEN, {"ndvi": 0.5}),
    Rule("sparse vegetation", LIGHT_GREEN, {"ndvi": 0.2}),
)
_TOWN = Rule("built-up", RED, {"bu": 0.0})
_BARE = Rule("bare", YELLOW, {"ndvi": -2.0})

PRESETS: Mapping[str, Preset] = {
    "vegetation": Preset(
        "vegetation cover in classes of NDVI",
        (
            (
                Rule("dense vegetation", DARK_GREEN, {"ndvi": 0.6}),
                Rule("moderate vegetation", GREEN, {"ndvi": 0.5}),
                Rule("sparse vegetation", LIGHT_GREEN, {"ndvi": 0.2}),
                Rule("almost none", YELLOW, {"ndvi": 0.1}),
                Rule("none", GREY, {"ndvi": -2.0}),
            ),
        ),
        "USGS, NDVI, the Foundation for Remote Sensing Phenology: 0.1, 0.2 to 0.5, 0.6 to 0.9",
    ),
    "land-use": Preset(
        "water, vegetation, built-up and bare land",
        (
            (_WATER_SWIR, _DENSE, _SPARSE, _TOWN, _BARE),
            (_WATER, _DENSE, _SPARSE, Rule("built-up or bare", GREY, {"ndvi": -2.0})),
        ),
        "MNDWI > 0 (Xu 2006) or NDWI > 0 (McFeeters 1996); NDBI - NDVI > 0 (Zha, Gao, Ni 2003)",
    ),
    "water": Preset(
        "open water",
        tuple((rule, Rule("land", YELLOW, {"green": -1.0})) for rule in (_WATER_SWIR, _WATER)),
        "MNDWI > 0 (Xu 2006), without short-wave infrared NDWI > 0 (McFeeters 1996)",
    ),
    "urban": Preset(
        "built-up land; with --before its growth between two dates",
        ((_WATER_SWIR, _TOWN, Rule("not built-up", LIGHT_GREEN, {"ndvi": -2.0})),),
        "NDBI - NDVI > 0 (Zha, Gao, Ni 2003), water left out by MNDWI > 0 (Xu 2006)",
    ),
    "snow": Preset(
        "snow and ice",
        ((Rule("snow", WHITE, {"ndsi": 0.4}), Rule("no snow", GREY, {"ndsi": -2.0})),),
        "NDSI > 0.4 (Hall, Riggs, Salomonson 1995)",
    ),
    "plants": Preset(
        "plants in plain colour pictures, where there is no infrared",
        ((Rule("plants", GREEN, {"exg": 0.1}), Rule("other", GREY, {"exg": -9.0})),),
        "excess green (Woebbecke et al. 1995); the level is our choice",
    ),
}
"""Name -> rules."""


def preset(name: str, bands: Bands) -> Rules:
    """Return the rules of a preset that the bands at hand allow.

    Raises:
        UnknownName: There is no such preset.
        InputError: No variant has its bands.
    """
    if name not in PRESETS:
        raise UnknownName.among("preset", name, PRESETS)
    made = [Rules(name, rules) for rules in PRESETS[name].variants]
    for rules in made:
        if bands.has(rules.bands):
            return rules
    needed = " or ".join(", ".join(rules.bands) for rules in made)
    raise InputError(
        f"{name} needs the bands {needed}; known are {', '.join(bands.names)}. Say which band is "
        "which: --sensor NAME or --bands red=3,nir=4"
    )
