"""What a format can hold, and what an object loses on its way into it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from pixelwise.core import Legend

__all__ = ["Capacity", "Identity", "Loss", "Lost", "Report"]


class Loss(StrEnum):
    """What was lost."""

    CLASS = "class"
    OVERLAP = "overlap"
    HOLES = "holes"
    PIECES = "pieces"
    CROWD = "crowd"
    ALPHA = "alpha"
    TRACK = "track"
    SUB_PIXEL = "sub-pixel"
    SHAPE = "shape"
    SCORE = "score"
    INSTANCE = "instance"
    NUMBER = "number"
    EMPTY = "empty"
    VOID = "void"


class Identity(StrEnum):
    """Which objects a format tells apart."""

    ALL = "all"
    THINGS = "things"
    """Things; stuff and crowds are one segment a class."""
    NONE = "none"
    """None: a class for each pixel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What a format can hold.

    Args:
        identity: Which objects it tells apart.
        legend: The only legend it knows; None: any classes.
        classes: Whether objects have classes at all.
        background: Whether it has a class for the background.
        overlaps: Whether masks may overlap.
        outlines: Whether it holds drawn outlines with fractions of a pixel.
        outline_holes: Whether such outlines may have holes.
        outline_pieces: Whether such outlines may have several pieces.
        boxes: Whether it holds boxes in place of masks.
        bridges: Whether it has one ring an object only, so that holes and pieces are joined to
            it by bridges of no width.
        crowd: Whether it marks groups.
        track: Whether it holds ids through a video.
        score: Whether it holds scores.
        void: Whether it tells unknown pixels from background.
        most: Most objects of a picture; 0: no limit.
        most_of_class: Most objects of one class in a picture; 0: no limit.
    """

    identity: Identity = Identity.ALL
    legend: Legend | None = None
    classes: bool = True
    background: bool = False
    overlaps: bool = True
    outlines: bool = False
    outline_holes: bool = False
    outline_pieces: bool = True
    boxes: bool = False
    bridges: bool = False
    crowd: bool = False
    track: bool = False
    score: bool = False
    void: bool = False
    most: int = 0
    most_of_class: int = 0


@dataclass(frozen=True, slots=True)
class Lost:
    """One thing that one object (0: the picture as a whole) lost.

    >>> str(Lost("a.jpg", 7, "cat", Loss.HOLES, "2 holes filled"))
    "a.jpg, object 7 'cat': holes: 2 holes filled"
    """

    picture: str
    object_id: int
    class_name: str
    what: Loss
    detail: str

    def __str__(self) -> str:
        who = f", object {self.object_id} {self.class_name!r}" if self.object_id else ""
        return f"{self.picture}{who}: {self.what}: {self.detail}"


LEFT_OUT = "left out"
"""Words of every loss by which an object is gone."""


@dataclass(slots=True)
class Report:
    """Counts what was lost; the lines themselves go where the caller wants them."""

    pictures: int = 0
    written: int = 0
    """Objects in the new files."""
    gone: int = 0
    """Objects that are not in them as such."""
    changed: int = 0
    """Objects that are in them and lost something."""
    by_kind: Counter[Loss] = field(default_factory=Counter)
    by_class: Counter[tuple[Loss, str]] = field(default_factory=Counter)
    _examples: dict[Loss, str] = field(default_factory=dict)

    def count(self, written: int, lost: list[Lost]) -> None:
        """Count one picture, of which ``written`` objects are in the new files."""
        self.pictures += 1
        self.written += written
        gone = {row.object_id for row in lost if LEFT_OUT in row.detail}
        self.gone += len(gone)
        self.changed += len({row.object_id for row in lost if row.object_id} - gone)
        for row in lost:
            self.by_kind[row.what] += 1
            self.by_class[row.what, row.class_name] += 1
            self._examples.setdefault(row.what, str(row))

    def summary(self) -> list[str]:
        """Return a few lines for people.

        >>> report = Report()
        >>> report.count(3, [Lost("a", 1, "cat", Loss.CROWD, "now one object")])
        >>> report.summary()[0]
        '1 pictures, 3 objects written, 1 of them changed, 0 left out'
        >>> report.summary()[1]
        "crowd: 1 (cat 1); first: a, object 1 'cat': crowd: now one object"
        """
        written = f"{self.pictures} pictures, {self.written} objects written"
        lines = [f"{written}, {self.changed} of them changed, {self.gone} left out"]
        for kind, number in self.by_kind.most_common():
            names = Counter({name: n for (what, name), n in self.by_class.items() if what is kind})
            few = ", ".join(f"{name} {n}" for name, n in names.most_common(6) if name)
            more = ", ..." if len(names) > 6 else ""
            shown = f" ({few}{more})" if few else ""
            lines.append(f"{kind}: {number}{shown}; first: {self._examples[kind]}")
        return lines
