"""Labelled polygons from strangers: nothing but classes and coordinates goes on to GDAL.

GDAL takes a file for what its first bytes say, whatever it is called, and some kinds point at other
files; it also fetches a reference system that GeoJSON names by its address.
"""

import json
import re
from typing import Any

from pixelwise.errors import InputError, LimitError

__all__ = ["plain_polygons"]

MOST_BYTES = 32 << 20
NAME = re.compile(r"[A-Za-z0-9:._-]{1,80}")
"""A reference system by its name, such as ``urn:ogc:def:crs:EPSG::32618``."""


def plain_polygons(data: bytes) -> bytes:
    """Return GeoJSON with the polygons of ``data``, their plain properties, and no more.

    Raises:
        InputError: It is no collection of polygons.
        LimitError: It is too large.

    >>> plain_polygons(b'{"type": "FeatureCollection", "features": [], "more": 1}')
    b'{"type": "FeatureCollection", "features": []}'
    """
    if len(data) > MOST_BYTES:
        raise LimitError(f"the labelled places have {len(data)} bytes, over {MOST_BYTES}")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"labelled places: no JSON: {error}", reason="invalid") from error
    match told:
        case {"type": "FeatureCollection", "features": list(features)}:
            kept = [_feature(feature) for feature in features]
        case _:
            raise InputError("labelled places: expected a FeatureCollection", reason="invalid")
    made = {"type": "FeatureCollection", "features": kept, **_system(told.get("crs"))}
    return json.dumps(made).encode()


def _feature(feature: object) -> dict[str, Any]:
    match feature:
        case {
            "properties": dict(told),
            "geometry": {"type": "Polygon" | "MultiPolygon" as kind, "coordinates": list(rings)},
        }:
            plain = {name: value for name, value in told.items() if isinstance(value, str | int)}
            geometry = {"type": kind, "coordinates": rings}
            return {"type": "Feature", "properties": plain, "geometry": geometry}
    raise InputError(
        "labelled places: expected features with properties and a Polygon or MultiPolygon",
        reason="invalid",
    )


def _system(told: object) -> dict[str, Any]:
    match told:
        case None:
            return {}
        case {"type": "name", "properties": {"name": str(name)}} if NAME.fullmatch(name):
            return {"crs": {"type": "name", "properties": {"name": name}}}
    raise InputError(
        "labelled places: expected a reference system by name, such as EPSG:32618",
        reason="invalid",
    )
