"""Tracks of one class through one video, and what HOTA, CLEAR and identity scores count of them.

All pairs of detections that overlap stand in flat columns; only frames in which a detection has
more than one possible partner need an assignment. The numbers are those of TrackEval.

Source:
    J. Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking", IJCV 2021;
    K. Bernardin, R. Stiefelhagen, "CLEAR MOT", 2008; E. Ristani et al., "Performance Measures and
    a Data Set for Multi-Target, Multi-Camera Tracking", 2016; P. Voigtlaender et al., "MOTS", 2019.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

__all__ = ["ALPHAS", "Frame", "Tracks", "clear_counts", "hota_counts", "identity_counts"]

ALPHAS = np.arange(0.05, 0.99, 0.05)
_EPS = float(np.finfo(np.float64).eps)
_THRESHOLD = 0.5

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The detections of one frame.

    Args:
        truth: (N,) int64 track ids, each once.
        result: (M,) int64 track ids, each once.
        similarity: (N, M) float64, 0..1.
    """

    truth: Ints
    result: Ints
    similarity: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """The detections of all frames in columns; ids are numbered from 0 without gaps.

    Args:
        truth_count: (G,) int64 detections of each true track.
        result_count: (T,) int64 detections of each track of the result.
        frame: (P,) int64 frame of each pair that overlaps.
        truth: (P,) int64 its true track.
        result: (P,) int64 its track of the result.
        similarity: (P,) float64.
        row: (P,) int64 place of its true detection in the frame.
        column: (P,) int64 place of its detection of the result in the frame.
        sizes: (F, 2) int64 detections of truth and result in each frame.
    """

    truth_count: Ints
    result_count: Ints
    frame: Ints
    truth: Ints
    result: Ints
    similarity: Floats
    row: Ints
    column: Ints
    sizes: Ints

    @classmethod
    def of(cls, frames: Iterable[Frame]) -> "Tracks":
        """Return the columns of frames in their order."""
        every = list(frames)
        truth, truth_count = _numbered([frame.truth for frame in every])
        result, result_count = _numbered([frame.result for frame in every])
        places = [np.nonzero(frame.similarity > 0) for frame in every]
        return cls(
            truth_count,
            result_count,
            np.repeat(np.arange(len(every)), [len(rows) for rows, _ in places]),
            _joined([ids[rows] for ids, (rows, _) in zip(truth, places, strict=True)]),
            _joined([ids[columns] for ids, (_, columns) in zip(result, places, strict=True)]),
            _joined(
                [one.similarity[place] for one, place in zip(every, places, strict=True)],
                np.float64,
            ),
            _joined([rows for rows, _ in places]),
            _joined([columns for _, columns in places]),
            np.array([frame.similarity.shape for frame in every], np.int64).reshape(-1, 2),
        )

    @property
    def by_truth(self) -> Ints:
        """(P,) int64, one number for each detection of the truth."""
        return self.frame * max(1, len(self.truth_count)) + self.truth

    @property
    def by_result(self) -> Ints:
        """(P,) int64, one number for each detection of the result."""
        return self.frame * max(1, len(self.result_count)) + self.result


def hota_counts(tracks: Tracks) -> Floats:
    """Return TP, FN, FP and TP x AssA at each of the 19 overlaps, (4, 19) float64."""
    similarity = tracks.similarity
    joint = _sum_by(tracks.by_truth, similarity) + _sum_by(tracks.by_result, similarity)
    alike = similarity / (joint - similarity)
    pair = tracks.truth * max(1, len(tracks.result_count)) + tracks.result
    together = _sum_by(pair, alike)
    possible = tracks.truth_count[tracks.truth] + tracks.result_count[tracks.result]
    matched = _assigned(tracks, together / (possible - together) * similarity)
    total, claimed = int(tracks.truth_count.sum()), int(tracks.result_count.sum())
    counts = np.zeros((4, len(ALPHAS)))
    names, place, first = _places(pair[matched], matched)
    both = possible[first]
    for step, alpha in enumerate(ALPHAS):
        near = similarity[matched] >= alpha - _EPS
        found = np.bincount(place[near], minlength=names)
        hits = int(near.sum())
        shared = float((found * found / np.maximum(1, both - found)).sum())
        counts[:, step] = (hits, total - hits, claimed - hits, shared)
    return counts


def clear_counts(tracks: Tracks) -> Floats:
    """Return TP, FN, FP, switches of identity, and the similarity of the matches, (5,) float64."""
    near = np.flatnonzero(tracks.similarity >= _THRESHOLD - _EPS)
    matched = _continued(tracks, near)
    order = matched[np.lexsort((tracks.frame[matched], tracks.truth[matched]))]
    same = tracks.truth[order][1:] == tracks.truth[order][:-1]
    switched = same & (tracks.result[order][1:] != tracks.result[order][:-1])
    total, claimed = int(tracks.truth_count.sum()), int(tracks.result_count.sum())
    hits = len(matched)
    likeness = float(tracks.similarity[matched].sum())
    return np.array([hits, total - hits, claimed - hits, switched.sum(), likeness], np.float64)


def identity_counts(tracks: Tracks) -> Floats:
    """Return IDTP, IDFN and IDFP, (3,) float64."""
    total, claimed = int(tracks.truth_count.sum()), int(tracks.result_count.sum())
    near = tracks.similarity >= _THRESHOLD
    together = np.zeros((len(tracks.truth_count), len(tracks.result_count)))
    np.add.at(together, (tracks.truth[near], tracks.result[near]), 1)
    # A pair of tracks that never meet costs just what leaving both alone costs.
    rows, columns = linear_sum_assignment(-together)
    hits = together[rows, columns].sum()
    return np.array([hits, total - hits, claimed - hits], np.float64)


def _assigned(tracks: Tracks, score: Floats) -> Ints:
    """Return the pairs of the best assignment of each frame."""
    conflict = _repeats(tracks.by_truth) | _repeats(tracks.by_result)
    open_frames = np.unique(tracks.frame[conflict])
    settled = np.flatnonzero(~np.isin(tracks.frame, open_frames))
    parts = [settled]
    for start, end in _spans(tracks.frame, open_frames):
        parts.append(_best(tracks, np.arange(start, end), score[start:end]))
    return np.concatenate(parts)


def _continued(tracks: Tracks, near: Ints) -> Ints:
    """Return the pairs of each frame that keep most identities, and then are most similar."""
    conflict = _repeats(tracks.by_truth[near]) | _repeats(tracks.by_result[near])
    frames = tracks.frame[near]
    open_frames = np.unique(frames[conflict])
    settled = near[~np.isin(frames, open_frames)]
    # The frame before is the last one in which both sides had a detection.
    whole = np.flatnonzero((tracks.sizes > 0).all(axis=1))
    befores = np.append(-1, whole)[np.searchsorted(whole, open_frames)]
    solved: dict[int, Ints] = {}
    spans = _spans(frames, open_frames)
    earlier = _spans(frames, befores)
    for place, (start, end) in enumerate(spans):
        pairs, low, high = near[start:end], *earlier[place]
        last = solved.get(int(befores[place]), near[low:high])
        partner = np.full(len(tracks.truth_count), -1)
        partner[tracks.truth[last]] = tracks.result[last]
        kept = partner[tracks.truth[pairs]] == tracks.result[pairs]
        score = 1000.0 * kept + tracks.similarity[pairs]
        solved[int(open_frames[place])] = _best(tracks, pairs, score)
    return np.concatenate([settled, *solved.values()])


def _best(tracks: Tracks, pairs: Ints, score: Floats) -> Ints:
    """Return those of the pairs of one frame that the best assignment takes."""
    rows, columns = tracks.sizes[tracks.frame[pairs[0]]]
    table = np.zeros((rows, columns))
    place = np.full((rows, columns), -1)
    row, column = tracks.row[pairs], tracks.column[pairs]
    table[row, column] = score
    place[row, column] = pairs
    chosen = place[linear_sum_assignment(table, maximize=True)]
    return chosen[chosen >= 0]


def _spans(frame: Ints, chosen: Ints) -> list[tuple[int, int]]:
    """Return first and end of the pairs of each chosen frame; frames ascend."""
    starts = np.searchsorted(frame, chosen, side="left")
    ends = np.searchsorted(frame, chosen, side="right")
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _numbered(ids: list[Ints]) -> tuple[list[Ints], Ints]:
    """Return ids numbered from 0, frame by frame, and how often each occurs."""
    flat = _joined(ids)
    _, number, count = np.unique(flat, return_inverse=True, return_counts=True)
    cuts = np.cumsum([len(part) for part in ids])[:-1]
    return np.split(number.reshape(-1), cuts), count.astype(np.int64)


def _joined(parts: list[NDArray[Any]], dtype: type[np.generic] = np.int64) -> NDArray[Any]:
    return np.concatenate([*parts, np.zeros(0, dtype)]).astype(dtype)


def _sum_by(key: Ints, values: Floats) -> Floats:
    """Return, for each pair, the sum of the values of all pairs with its key."""
    if len(key) and key.max() < 8 * len(key):
        return np.asarray(np.bincount(key, weights=values)[key], np.float64)
    _, place = np.unique(key, return_inverse=True)
    sums = np.bincount(place, weights=values)[place]
    return np.asarray(sums if len(key) else values, np.float64)


def _repeats(key: Ints) -> NDArray[np.bool_]:
    return _sum_by(key, np.ones(len(key))) > 1


def _places(key: Ints, matched: Ints) -> tuple[int, Ints, Ints]:
    """Return how many keys there are, the place of each, and a pair that has each key."""
    names, first, place = np.unique(key, return_index=True, return_inverse=True)
    return len(names), place, matched[first]
