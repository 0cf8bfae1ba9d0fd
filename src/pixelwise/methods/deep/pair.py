"""A panoptic segmenter made of a semantic and an instance one."""

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import prod
from time import perf_counter
from typing import cast

from pixelwise.convert import Fusion, fuse
from pixelwise.core import Image, Instances, Legend, Panoptic, Provenance, Segmenter, Semantic

__all__ = ["RULES", "Pair", "common_legend"]

RULES = Fusion(
    min_score=0.25,
    min_visible=0.6,
    min_stuff_area=8192,
    min_stuff_part=4096,
    on_top=0.5,
    agreed_score=0.05,
    agreement=0.4,
)
"""Measured on COCO pictures (bench/coco.py), where each rule alone raises the panoptic quality."""

USUAL = 640 * 480
"""Pixels of the pictures that the areas of the rules are meant for; they grow with the picture."""

ANSWERS = {"coco-80": "coco-panoptic-133"}
"""Set of the things -> the set that names the same things and stuff besides."""


@dataclass(frozen=True)
class Pair:
    """Stuff from one segmenter, things from another, fused.

    Where both speak of official sets that have a common one, the answer is in that one.

    Args:
        semantic: Gives :class:`Semantic` results.
        instance: Gives :class:`Instances` results.
        rules: Thresholds of the fusion; its areas are those of a picture of 640 x 480.
    """

    semantic: Segmenter
    instance: Segmenter
    rules: Fusion = RULES

    def __call__(self, image: Image) -> Panoptic:
        """Segment ``image`` with both and fuse the answers."""
        stuff = cast("Semantic", self.semantic(image))
        things = cast("Instances", self.instance(image))
        start = perf_counter()
        legend, names = common_legend(stuff.legend, things.legend)
        rules = _for_size(self.rules, stuff.size)
        result = fuse(stuff, things, rules, legend=legend, names=names)
        parts = (stuff.provenance, things.provenance)
        seconds = {
            f"{part.model}.{stage}": s for part in parts for stage, s in part.seconds.items()
        }
        made = Provenance(
            method="fuse",
            settings=result.provenance.settings,
            model="+".join(part.model for part in parts),
            model_sha256="+".join(part.model_sha256 for part in parts),
            runtime="+".join(part.runtime for part in parts),
            device=parts[0].device,
            seconds={**seconds, "fuse": perf_counter() - start},
            notes=(
                *dict.fromkeys(n for part in parts for n in part.notes),
                *result.provenance.notes,
            ),
        )
        return result.made_by(made, image.space)


def _for_size(rules: Fusion, size: tuple[int, ...]) -> Fusion:
    """Return the rules with the areas that they mean in a picture of another size."""
    times = prod(size) / USUAL
    return replace(
        rules,
        min_stuff_area=round(rules.min_stuff_area * times),
        min_stuff_part=round(rules.min_stuff_part * times),
    )


def common_legend(
    stuff: Legend, things: Legend
) -> tuple[Legend | None, dict[str, tuple[str, ...]]]:
    """Return the official set that holds both, and what the classes of ``stuff`` mean in it.

    None, and no names, where there is none.

    >>> legend, names = common_legend(Legend.official("ade20k-32"), Legend.official("coco-80"))
    >>> legend.title, names["wall"]
    ('coco-panoptic-133', ('wall-other-merged',))
    """
    answer = ANSWERS.get(things.title, things.title)
    names = _tables().get(stuff.title, {}).get(answer)
    if names is None:
        return None, {}
    return Legend.official(answer), {name: tuple(meant) for name, meant in names.items()}


@cache
def _tables() -> dict[str, dict[str, dict[str, list[str]]]]:
    text = files("pixelwise.methods.deep").joinpath("stuff_names.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
