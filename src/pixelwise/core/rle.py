"""One mask as run lengths, in COCO's order and COCO's compressed text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError

__all__ = ["Rle"]

MOST_PIXELS = 2**32 - 1
"""COCO's run lengths are 32 bits; a size that needs more is damaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Rle:
    """Run lengths of a mask read column by column: zeros, ones, zeros, ...

    Args:
        size: (height, width).
        counts: (R,) int64 run lengths; the first counts zeros and may be 0.

    Raises:
        InputError: A count is negative, or they do not add up to height x width.

    >>> mask = np.array([[0, 1], [1, 1]], bool)
    >>> Rle.encode(mask).counts.tolist(), Rle.encode(mask).text
    ([1, 3], '13')
    """

    size: tuple[int, int]
    counts: NDArray[np.int64]
    _text: str | None = field(default=None, init=False, repr=False)
    """The text where it was made along with the counts."""

    def __post_init__(self) -> None:
        counts = np.array(self.counts, dtype=np.int64).reshape(-1)
        height, width = self.size
        if height < 0 or width < 0:
            raise InputError(f"size must not be negative, not {self.size}", reason="rle")
        if height * width > MOST_PIXELS:
            raise InputError(
                f"size {self.size} has more than the {MOST_PIXELS} pixels of COCO's run lengths",
                reason="rle",
            )
        if counts.size and counts.min() < 0:
            raise InputError("run lengths must not be negative", reason="rle")
        if counts.size and counts.max() > height * width:
            raise InputError(f"a run is longer than the {height}x{width} picture", reason="rle")
        if int(counts.sum()) != height * width:
            raise InputError(
                f"run lengths add up to {int(counts.sum())}, not {height} x {width}", reason="rle"
            )
        counts.flags.writeable = False
        object.__setattr__(self, "counts", counts)

    @classmethod
    def encode(cls, mask: NDArray[np.bool_]) -> "Rle":
        """Return the run lengths of a mask (H, W) bool."""
        if mask.ndim != 2:
            raise InputError(f"expected a mask (H, W), not {mask.shape}")
        mask = mask.astype(bool, copy=False)
        start = [0, 0] if mask.size and mask[0, 0] else [0]
        bounds = np.concatenate([start, _changes(mask), [mask.size]])
        return cls((mask.shape[0], mask.shape[1]), np.diff(bounds))

    @classmethod
    def encode_labels(cls, labels: NDArray[np.int32]) -> dict[int, "Rle"]:
        """Return the run lengths of every label but 0, all in one pass over the map.

        The compressed texts are made along the way, so :attr:`text` costs nothing afterwards.

        Args:
            labels: (H, W) integers.

        >>> sorted(Rle.encode_labels(np.array([[0, 2], [1, 2]])))
        [1, 2]
        """
        if labels.ndim != 2:
            raise InputError(f"expected a label map (H, W), not {labels.shape}")
        size = (labels.shape[0], labels.shape[1])
        names, runs, cuts = _runs_by_label(labels)
        counts, first, past = _table(runs, cuts, labels.size)
        texts = _texts(counts, first, past)
        return {
            int(name): cls._checked(size, counts[begin:end], text)
            for name, begin, end, text in zip(names, first, past, texts, strict=True)
        }

    @classmethod
    def _checked(cls, size: tuple[int, int], counts: NDArray[np.int64], text: str) -> "Rle":
        """Return run lengths that are known to be right, without checking or copying them."""
        made = object.__new__(cls)
        counts.flags.writeable = False
        object.__setattr__(made, "size", size)
        object.__setattr__(made, "counts", counts)
        object.__setattr__(made, "_text", text)
        return made

    @classmethod
    def parse(cls, size: tuple[int, int], text: str | bytes) -> "Rle":
        """Return the run lengths that COCO's compressed text holds.

        Raises:
            InputError: The text is damaged or does not fit the size.
        """
        codes = text.encode("latin-1", "replace") if isinstance(text, str) else text
        return cls(size, _undelta(_unpack(np.frombuffer(codes, np.uint8).astype(np.int64) - 48)))

    @property
    def text(self) -> str:
        """COCO's compressed text, byte for byte as pycocotools writes it."""
        if self._text is not None:
            return self._text
        bounds = np.array([0]), np.array([len(self.counts)])
        return next(_texts(self.counts, *bounds))

    def decode(self) -> NDArray[np.bool_]:
        """Return the mask, (H, W) bool."""
        height, width = self.size
        ones = np.zeros(len(self.counts), bool)
        ones[1::2] = True
        return np.repeat(ones, self.counts).reshape(width, height).T

    @property
    def area(self) -> int:
        """Pixels in the mask."""
        return int(self.counts[1::2].sum())

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x0, y0, x1, y1 in pixels, end outside; all 0 for an empty mask."""
        ends = np.cumsum(self.counts)
        first, last = ends[:-1:2][: len(ends) // 2], ends[1::2] - 1
        filled = last >= first
        if not filled.any():
            return (0, 0, 0, 0)
        first, last, height = first[filled], last[filled], self.size[0]
        x0, x1 = int(first[0] // height), int(last[-1] // height) + 1
        if np.any(first // height != last // height):  # a run that passes from column to column
            return (x0, 0, x1, height)
        return (x0, int((first % height).min()), x1, int((last % height).max()) + 1)


def _changes(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return, ascending, the places where a map read column by column changes its value.

    The map is compared row by row as it lies in memory and only the places are sorted: that is
    far less work than turning the whole map round.
    """
    height, width = values.shape
    if values.size == 0:
        return np.zeros(0, np.int64)
    row, column = np.divmod(np.flatnonzero(values[1:] != values[:-1]), width)
    within = column * height + row + 1
    across = (np.flatnonzero(values[-1, :-1] != values[0, 1:]) + 1) * height
    return np.sort(np.concatenate([within, across]))


def _runs_by_label(
    labels: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """Return the labels but 0, their runs as (begin, end) in order, and each label's first run.

    Returns:
        names (G,), runs (R, 2), cuts (G + 1,) rows of ``runs``.
    """
    begins = np.concatenate([np.zeros(min(labels.size, 1), np.int64), _changes(labels)])
    column, row = np.divmod(begins, max(labels.shape[0], 1))
    values = labels[row, column]
    kept = np.flatnonzero(values)
    ends = np.append(begins[1:], labels.size)
    order = kept[np.argsort(_narrow(values[kept]), kind="stable")]
    values = values[order]
    edges = np.flatnonzero(values[1:] != values[:-1]) + 1
    cuts = np.concatenate([[0], edges, [len(values)]]) if len(values) else np.zeros(1, np.int64)
    return values[cuts[:-1]], np.stack([begins[order], ends[order]], axis=1), cuts


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    """Return the values as 16 bits where they fit: numpy then sorts by radix, five times faster."""
    fits = values.size > 0 and values.min() >= 0 and values.max() < 2**16
    return values.astype(np.uint16) if fits else values


def _table(
    runs: NDArray[np.int64], cuts: NDArray[np.int64], pixels: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the counts of all labels one after another, and where each begins and ends.

    Every label has one place more than it has bounds of runs, for the zeros after its last run;
    where there are none, its end stands before that place.
    """
    groups = len(cuts) - 1
    first = 2 * cuts[:-1] + np.arange(groups)
    past = 2 * cuts[1:] + np.arange(1, groups + 1)
    places = np.arange(2 * len(runs)) + np.repeat(np.arange(groups), 2 * np.diff(cuts))
    bounds = np.full(2 * len(runs) + groups, pixels)
    bounds[places] = runs.reshape(-1)
    counts = np.diff(bounds, prepend=0)
    counts[first] = bounds[first]
    return counts, first, past - (counts[past - 1] == 0)


def _texts(
    counts: NDArray[np.int64], first: NDArray[np.int64], past: NDArray[np.int64]
) -> Iterator[str]:
    """Yield the text of each stretch of counts."""
    deltas = counts.copy()
    deltas[2:] -= counts[:-2]
    plain = (first[:, np.newaxis] + np.arange(3)).reshape(-1)
    plain = plain[plain < len(counts)]
    deltas[plain] = counts[plain]  # the first three stand as they are
    codes, ends = _pack(deltas)
    text = codes.tobytes().decode("ascii")
    ends = np.concatenate([[0], ends])
    return (text[ends[begin] : ends[end]] for begin, end in zip(first, past, strict=True))


def _pack(numbers: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return signed numbers as characters: 5 bits each, low bits first, bit 6 says "more".

    Returns:
        codes (L,) uint8, and where the characters of each number end, (N,).
    """
    lengths = np.ones(len(numbers), np.int64)
    for digits in range(1, 13):  # a number needs one more while it leaves this range
        half = 1 << (5 * digits - 1)
        wider = (numbers < -half) | (numbers >= half)
        if not wider.any():
            break
        lengths += wider
    ends = np.cumsum(lengths)
    starts = ends - lengths
    codes = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    for digit in range(int(lengths.max(initial=0))):
        has = np.flatnonzero(lengths > digit)
        more = (lengths[has] > digit + 1) * 32
        codes[starts[has] + digit] = ((numbers[has] >> (5 * digit)) & 31) + more + 48
    return codes, ends


def _unpack(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the signed numbers of such a text."""
    if codes.size == 0:
        return codes
    if codes.min() < 0 or codes.max() > 63:
        raise InputError("run-length text holds characters outside its alphabet", reason="rle")
    last = np.flatnonzero(codes < 32)
    if last.size == 0 or last[-1] != codes.size - 1:
        raise InputError("run-length text ends inside a number", reason="rle")
    first = np.concatenate([[0], last[:-1] + 1])
    place = np.arange(codes.size) - np.repeat(first, last - first + 1)
    if place.max() > 11:
        raise InputError("run-length text holds a number of more than 60 bits", reason="rle")
    numbers = np.add.reduceat((codes & 31) << (5 * place), first)
    negative = (codes[last] & 16) != 0
    return np.where(negative, numbers - (1 << (5 * (last - first + 1))), numbers)


def _undelta(deltas: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return counts, of which the 4th and later stand as the difference to the one two before."""
    counts = deltas.copy()
    counts[1::2] = np.cumsum(deltas[1::2])
    counts[2::2] = np.cumsum(deltas[2::2])
    return counts
