"""Simple online tracking: expect, associate, correct; by motion, masks and colours."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from pixelwise.core import Image, Result
from pixelwise.core.method import check_ranges, setting
from pixelwise.ops.overlap import box_overlaps
from pixelwise.tracking.affinity import assigned, directed, looks, overlaps, within_reach
from pixelwise.tracking.camera import Camera
from pixelwise.tracking.things import Things, with_tracks
from pixelwise.tracking.tracks import Track

__all__ = ["Sort"]

COVERED = 0.2
"""Overlap of boxes from which one of two things hides some of the other."""

Pairs = list[tuple[int, int]]


@dataclass(slots=True)
class _State:
    tracks: list[Track] = field(default_factory=list)
    frame: int = 0
    last_id: int = 0
    camera: Camera = field(default_factory=Camera)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sort:
    """The best of ours: two-stage association, observation-centric, with masks and colours.

    When the camera moves, tracks go with the ground. Things of a good score are given to the tracks
    whose expected box and mask they overlap, the direction of travel and the colours inside the
    mask having a say; then those of a poor score to tracks that were in sight; then what is left to
    where tracks were last seen, and to lost tracks of the same colours within reach. A track keeps
    the class that it was seen as most.

    It is called frame by frame with instances or panoptic segments: of instances, those with an
    id come back; of segments, all.

    Source:
        Y. Zhang et al., "ByteTrack", ECCV 2022; J. Cao et al., "Observation-Centric SORT", CVPR
        2023; M. Yang et al., "Hybrid-SORT: Weak Cues Matter for Online Multi-Object Tracking",
        AAAI 2024; N. Aharon et al., "BoT-SORT", 2022. Own code; colours in place of the learnt
        appearance.

    >>> legend = Legend.of(["car"], things=["car"])
    >>> tracker, frame = Sort(), Image(np.zeros((20, 60, 3), np.uint8))
    >>> for x in (2, 5, 8):
    ...     mask = np.zeros((1, 20, 60), bool)
    ...     mask[0, 5:15, x : x + 12] = True
    ...     print(tracker.update(frame, Instances.of(mask, [0], legend)).segments.track_id)
    [1]
    [1]
    [1]
    """

    name: ClassVar[str] = "hybrid-sort"

    high: float = setting(0.25, "Score of things that are associated first.", low=0, high=1)
    low: float = setting(0.1, "Least score of things that are looked at.", low=0, high=1)
    new: float = setting(0.35, "Least score with which a track begins.", low=0, high=1)
    overlap: float = setting(0.15, "Least overlap for an association.", low=0, high=1)
    memory: int = setting(30, "Frames that a thing may be out of sight.", low=0, high=100_000)
    confirm: int = setting(2, "Frames in a row until a track counts.", low=1, high=1000)
    masks: float = setting(0.75, "Share of the masks' overlap, against the boxes'.", low=0, high=1)
    direction: float = setting(0.15, "Weight of the direction of travel.", low=0, high=1)
    appearance: float = setting(0.3, "Weight of the colours; 0: none are looked at.", low=0, high=1)
    likeness: float = setting(0.7, "Least likeness of colours to find again.", low=0, high=1)
    replay: bool = setting(
        default=True, doc="Whether a gap is filled in when a thing is found again."
    )
    camera: bool = setting(
        default=True, doc="Whether the camera's own motion is told from the ground and taken off."
    )
    _state: _State = field(init=False, repr=False, default_factory=_State)

    def __post_init__(self) -> None:
        check_ranges(self)

    def reset(self) -> None:
        """Forget all tracks; ids begin with 1 again."""
        state = self._state
        state.tracks.clear()
        state.frame = state.last_id = 0
        state.camera = Camera()

    def update(self, image: Image, result: Result) -> Result:
        """Return the next frame's result with track ids, 1 and more.

        Raises:
            InputError: The result has no things one by one.
        """
        things = Things.of(image, result, self.low, coloured=self.appearance > 0)
        state = self._state
        state.frame += 1
        shift = state.camera.follow(image, things.boxes) if self.camera else None
        for track in state.tracks:
            if shift is not None:
                track.follow(shift)
            track.expect(state.frame)
        pairs = self._associated(things)
        owner = {row: track for track, row in pairs}
        self._corrected(things, owner)
        self._begun(things, owner)
        self._ended()
        rows = [row for row in range(len(things)) if row in owner and owner[row].id]
        tracks = [owner[row] for row in rows]
        return with_tracks(
            result,
            things.rows[rows],
            np.array([track.id for track in tracks], np.int64),
            np.array([track.class_id for track in tracks], np.int64),
        )

    def _associated(self, things: Things) -> list[tuple[Track, int]]:
        """Return which track each thing belongs to, stage after stage."""
        free = list(self._state.tracks)
        left = list(range(len(things)))
        found: list[tuple[Track, int]] = []

        def stage(tracks: Sequence[Track], rows: Sequence[int], pairs: Pairs) -> None:
            for place, column in pairs:
                found.append((tracks[place], rows[column]))
                free.remove(tracks[place])
                left.remove(rows[column])

        good = [row for row in left if things.scores[row] >= self.high]
        stage(tracks := list(free), good, self._first(tracks, _some(things, good)))
        poor = [row for row in left if things.scores[row] < self.high]
        near = [track for track in free if track.frame == self._state.frame - 1]
        stage(near, poor, self._second(near, _some(things, poor)))
        good = [row for row in left if things.scores[row] >= self.high]
        stage(tracks := list(free), good, self._third(tracks, _some(things, good)))
        good = [row for row in left if things.scores[row] >= self.high]
        lost = [track for track in free if track.id]
        stage(lost, good, self._again(lost, _some(things, good)))
        return found

    def _first(self, tracks: Sequence[Track], things: Things) -> Pairs:
        """Associate by where tracks are expected."""
        overlap = overlaps(tracks, things, self.masks)
        affinity = overlap
        if self.direction:
            affinity = affinity + self.direction * directed(tracks, things)
        if self.appearance:
            affinity = affinity + self.appearance * looks(tracks, things)
        return assigned(affinity, overlap >= self.overlap)

    def _second(self, tracks: Sequence[Track], things: Things) -> Pairs:
        """Associate things of a poor score, by overlap alone."""
        overlap = overlaps(tracks, things, self.masks)
        return assigned(overlap, overlap >= max(self.overlap, 0.4))

    def _third(self, tracks: Sequence[Track], things: Things) -> Pairs:
        """Associate by where tracks were last seen: for what stopped while it was hidden."""
        if not self.replay:
            return []
        overlap = overlaps(tracks, things, self.masks, last=True)
        return assigned(overlap, overlap >= max(self.overlap, 0.3))

    def _again(self, tracks: Sequence[Track], things: Things) -> Pairs:
        """Find things again by their colours."""
        if not self.appearance:
            return []
        like = looks(tracks, things)
        reach = within_reach(tracks, things, self._state.frame)
        return assigned(like, reach & (like >= self.likeness))

    def _corrected(self, things: Things, owner: dict[int, Track]) -> None:
        shared = np.asarray(box_overlaps(things.boxes, things.boxes))
        np.fill_diagonal(shared, 0)
        for row, track in owner.items():
            is_clear = bool(shared[row].max(initial=0) < COVERED)
            track.see(things, row, self._state.frame, replay=self.replay, is_clear=is_clear)

    def _begun(self, things: Things, owner: dict[int, Track]) -> None:
        """Begin tracks with good things that nobody owns, and number those that are confirmed."""
        state = self._state
        for row in range(len(things)):
            if row not in owner and things.scores[row] >= self.new:
                owner[row] = Track.born(things, row, state.frame)
                state.tracks.append(owner[row])
        for row in sorted(owner):
            track = owner[row]
            if not track.id and (track.hits >= self.confirm or state.frame == 1):
                state.last_id += 1
                track.id = state.last_id

    def _ended(self) -> None:
        state = self._state
        state.tracks = [
            track
            for track in state.tracks
            if state.frame - track.frame <= (self.memory if track.id else 0)
        ]


def _some(things: Things, rows: Sequence[int]) -> Things:
    index = np.array(rows, np.int64)
    return Things(
        things.rows[index],
        things.boxes[index],
        things.scores[index],
        things.classes[index],
        tuple(things.crops[row] for row in rows),
        tuple(things.colours[row] for row in rows) if things.colours else (),
    )
