"""What a comparison holds."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Result

__all__ = ["Comparison", "Entry", "Strip", "Variant"]


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """One value of the setting that matters most, tried on a small copy of the picture.

    Args:
        value: The value, as text.
        labels: (h, w) int32 region labels of the small copy; None when it failed.
    """

    value: str
    labels: NDArray[np.int32] | None


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """The effect of one setting."""

    setting: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One method or network and what it made of the picture.

    Args:
        name: Its name.
        family: threshold, edges, regions, clusters, or deep.
        how: How it works, for people.
        fails: When it fails, for people.
        result: Its result; None when it failed.
        reason: Why it failed; empty when it did not.
        seconds: How long it took.
        settings: The settings used, as text.
        strip: The effect of its main setting.
        scores: Scores by name against the truth, when there is one.
    """

    name: str
    family: str
    how: str = ""
    fails: str = ""
    result: Result | None = None
    reason: str = ""
    seconds: float = 0.0
    settings: str = ""
    strip: Strip | None = None
    scores: tuple[tuple[str, float], ...] = ()

    @property
    def labels(self) -> NDArray[np.int32] | None:
        """The result as labels, for pictures and for agreement; None when it failed."""
        return None if self.result is None else np.asarray(self.result).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A picture, what every method made of it, and how much they agree.

    Args:
        image: The picture at the size that was worked on.
        entries: Methods, family by family, then networks by task.
        agreement: (N, N) adjusted Rand index between the entries that have a result.
        agreeing: Their names, in order.
        notes: What a reader should know, such as that the picture was made smaller.
    """

    image: Image
    entries: tuple[Entry, ...]
    agreement: NDArray[np.float64]
    agreeing: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())
