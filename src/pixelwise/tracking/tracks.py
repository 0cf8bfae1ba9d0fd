"""One thing through time."""

from collections import defaultdict, deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop
from pixelwise.tracking.appearance import Colours
from pixelwise.tracking.camera import Shift
from pixelwise.tracking.motion import Motion
from pixelwise.tracking.things import Things

__all__ = ["Track", "heading"]

STEADY = 0.9
"""Weight of what a thing looked like before against what it looks like now."""
STILL = 0.04
"""Share of its side that a thing must have moved before its direction counts."""
BACK = 3
"""Frames over which the direction of a thing is measured."""


@dataclass(slots=True, eq=False)
class Track:
    """What is known of one thing.

    Args:
        id: Its number; 0 while it is not confirmed.
        motion: Where it is expected in this frame.
        settled: Where it was when last seen, corrected.
        crop: Its mask when last seen.
        frame: Number of the frame in which it was last seen.
        hits: Frames in which it was seen.
        colours: What it looks like.
        seen: Its last boxes with the numbers of their frames.
        votes: Class -> sum of the scores with which it was seen as that.
    """

    id: int
    motion: Motion
    settled: Motion
    crop: Crop
    frame: int
    hits: int = 1
    colours: Colours = field(default_factory=lambda: np.zeros(0, np.float32))
    seen: deque[tuple[int, NDArray[np.float64]]] = field(
        default_factory=lambda: deque(maxlen=BACK + 1)
    )
    votes: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))

    @classmethod
    def born(cls, things: Things, row: int, frame: int) -> "Track":
        """Return the track of a thing seen for the first time."""
        motion = Motion.of(things.boxes[row])
        track = cls(0, motion, motion, things.crops[row], frame)
        track._note(things, row, frame, is_clear=True)
        return track

    @property
    def class_id(self) -> int:
        """What it was seen as most."""
        return max(self.votes, key=lambda class_id: self.votes[class_id])

    @property
    def last_box(self) -> NDArray[np.float64]:
        """Where it was last seen, x0 y0 x1 y1."""
        return self.seen[-1][1]

    @property
    def direction(self) -> NDArray[np.float64]:
        """(2,) of length 1, the way in which it went; 0 0 where it stands still."""
        return heading(self.seen[0][1], self.last_box)

    def expect(self, frame: int) -> None:
        """Move on to the next frame."""
        unseen = frame - self.frame > 1
        self.motion = (self.motion.without_growth() if unseen else self.motion).ahead()

    def follow(self, shift: Shift) -> None:
        """Move all places that are known of it as the camera moved the ground."""
        self.motion, self.settled = self.motion.under(shift), self.settled.under(shift)
        for number, (frame, box) in enumerate(self.seen):
            self.seen[number] = (frame, shift.box(box))

    def crop_at(self, box: NDArray[np.float64]) -> Crop:
        """Return its last mask, moved to a box."""
        own = np.array(self.crop.box, np.float64)
        step = np.rint((box[:2] + box[2:] - own[:2] - own[2:]) / 2).astype(int)
        y, x = self.crop.origin
        return Crop((y + int(step[1]), x + int(step[0])), self.crop.mask)

    def see(self, things: Things, row: int, frame: int, *, replay: bool, is_clear: bool) -> None:
        """Take a thing of this frame for this track.

        Args:
            things: The things of the frame.
            row: Which of them.
            frame: Its number.
            replay: Whether the frames between are filled in by a straight way, so that the
                error which grew while it was out of sight is forgotten (OC-SORT's re-update).
            is_clear: Whether nothing covers it, so that its colours are its own.
        """
        box, gap = things.boxes[row], frame - self.frame
        motion = self.motion
        if replay and gap > 1:
            motion, start = self.settled, self.last_box
            for step in range(1, gap):
                motion = motion.ahead().seen(start + (box - start) * (step / gap))
            motion = motion.ahead()
        self.motion = self.settled = motion.seen(box)
        self.crop, self.frame = things.crops[row], frame
        self.hits += 1
        self._note(things, row, frame, is_clear=is_clear)

    def _note(self, things: Things, row: int, frame: int, *, is_clear: bool) -> None:
        self.seen.append((frame, things.boxes[row]))
        self.votes[int(things.classes[row])] += float(things.scores[row])
        if not things.colours:
            return
        new = things.colours[row]
        if not self.colours.size:
            self.colours = new
        elif is_clear:
            old, rest = np.float32(STEADY), np.float32(1 - STEADY)
            mixed = old * self.colours + rest * new
            length = np.float32(max(float(np.linalg.norm(mixed)), 1e-9))
            self.colours = np.asarray(mixed / length, np.float32)


def heading(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the direction of length 1 from a box to another; 0 where it hardly moved."""
    step = np.asarray(end[:2] + end[2:] - start[:2] - start[2:]) / 2
    length = float(np.hypot(*step))
    side = float(np.sqrt(max((start[2] - start[0]) * (start[3] - start[1]), 1.0)))
    return step / length if length > STILL * side else np.zeros(2)
