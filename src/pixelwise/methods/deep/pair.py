"""A panoptic segmenter made of a semantic and an instance one."""

from dataclasses import dataclass
from time import perf_counter
from typing import cast

from pixelwise.convert import Fusion, fuse
from pixelwise.core import Image, Instances, Panoptic, Provenance, Segmenter, Semantic

__all__ = ["Pair"]


@dataclass(frozen=True)
class Pair:
    """Stuff from one segmenter, things from another, fused.

    Args:
        semantic: Gives :class:`Semantic` results.
        instance: Gives :class:`Instances` results.
        rules: Thresholds of the fusion.
    """

    semantic: Segmenter
    instance: Segmenter
    rules: Fusion = Fusion()

    def __call__(self, image: Image) -> Panoptic:
        """Segment ``image`` with both and fuse the answers."""
        stuff = cast("Semantic", self.semantic(image))
        things = cast("Instances", self.instance(image))
        start = perf_counter()
        result = fuse(stuff, things, self.rules)
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
