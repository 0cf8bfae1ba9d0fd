"""Only the things that are asked for."""

from dataclasses import dataclass

import numpy as np

from pixelwise.core import Image, Instances, Result, Segmenter
from pixelwise.errors import InputError

__all__ = ["OnlyClasses"]


@dataclass(frozen=True)
class OnlyClasses:
    """A segmenter of whose things only some classes are kept.

    Args:
        segmenter: Gives instances.
        names: Names in its legend.
    """

    segmenter: Segmenter
    names: tuple[str, ...]

    def __call__(self, image: Image) -> Result:
        """Segment ``image``.

        Raises:
            UnknownName: The legend has no class of that name.
            InputError: The result is not one of instances.
        """
        result = self.segmenter(image)
        if not isinstance(result, Instances):
            raise InputError(f"classes are chosen among instances, not among {result.task}")
        wanted = [result.legend.id_of(name) for name in self.names]
        return result[np.isin(result.segments.class_id, wanted)]
