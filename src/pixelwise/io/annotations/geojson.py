"""GeoJSON: a feature collection a picture, polygons with holes, in pixels."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from pixelwise.core import Legend
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Sample
from pixelwise.io.annotations.drawn import Drawn, collected
from pixelwise.io.annotations.faults import Each, strictly
from pixelwise.io.annotations.json_text import Reader, lawful_json
from pixelwise.io.annotations.outline import Outline, ring_of
from pixelwise.io.annotations.outline_files import OutlineFiles
from pixelwise.io.format import Reading
from pixelwise.io.sources import read_bytes

__all__ = ["GEOJSON", "GeoJson"]


class GeoJson(OutlineFiles):
    """``<stem>.geojson``; x y in pixels, the size of the picture beside the features."""

    title: ClassVar[str] = "GeoJSON"
    layout: ClassVar[str] = "*.geojson in pixels, classes.json"
    ending: ClassVar[str] = ".geojson"

    def document(self, sample: Sample) -> str:
        """Return the feature collection of a picture."""
        return json.dumps(_document(sample))

    def names_in(self, path: Path, rules: Reading) -> Iterator[str]:
        """Yield the class of every feature."""
        for row in _top(path, rules).rows("features"):
            yield row.object("properties").text("class", "object")

    def sample_in(
        self, path: Path, stem: str, legend: Legend, rules: Reading, each: Each = strictly
    ) -> Sample:
        """Return the picture that a feature collection speaks of."""
        top = _top(path, rules)
        sides = top.list("size")
        if len(sides) != 2 or not all(isinstance(side, int) and 0 < side < 2**31 for side in sides):
            raise top.wrong("size", "[height, width] of the picture")
        size = (sides[0], sides[1])
        rules.limits.check(size[1], size[0], 1)
        things = each(top.rows("features"), lambda row: _thing(row, legend, size))
        result, outlines = collected(things, size, legend)
        return Sample(name=top.text("picture", f"{stem}.jpg"), result=result, outlines=outlines)


def _document(sample: Sample) -> dict[str, Any]:
    table = sample.objects.segments
    features = []
    for row in range(len(table)):
        pieces = [
            [_closed(ring.tolist()) for ring in piece] for piece in sample.outline(row).pieces
        ]
        properties = {
            "id": int(table.id[row]),
            "class": sample.objects.legend.name(int(table.class_id[row])),
            "score": float(table.score[row]),
            "track": int(table.track_id[row]),
            "crowd": bool(table.crowd[row]),
        }
        geometry = {"type": "MultiPolygon", "coordinates": pieces}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {
        "type": "FeatureCollection",
        "picture": sample.name,
        "size": list(sample.size),
        "features": features,
    }


def _closed(ring: list[Any]) -> list[Any]:
    return [*ring, ring[0]]


def _top(path: Path, rules: Reading) -> Reader:
    data = read_bytes(path, rules.limits.file_bytes)
    return Reader(lawful_json(data, str(path)), f"{path}: $")


def _thing(row: Reader, legend: Legend, size: tuple[int, int]) -> Drawn:
    properties, geometry = row.object("properties"), row.object("geometry")
    pieces = geometry.list("coordinates")
    kind = geometry.text("type")
    if kind not in ("Polygon", "MultiPolygon"):
        raise geometry.wrong("type", "Polygon or MultiPolygon")
    try:
        rings = [[ring_of(ring)[:-1] for ring in piece] for piece in _several(pieces, kind)]
        outline = Outline(tuple(tuple(piece) for piece in rings if piece))
        crop = outline.crop(size)
    except (InputError, TypeError) as error:
        raise InputError(f"{geometry.path}.coordinates: {error}") from error
    return Drawn(
        class_id=legend.id_of(properties.text("class", "object")),
        crop=crop,
        outline=outline,
        id=properties.whole("id", 0, 0),
        score=min(max(properties.number("score", 1.0), 0.0), 1.0),
        track=properties.whole("track", -1, -1),
        crowd=properties.value.get("crowd") is True,
    )


def _several(pieces: list[Any], kind: str) -> list[Any]:
    return [pieces] if kind == "Polygon" else pieces


GEOJSON = GeoJson()
