"""One mask as run lengths, in COCO's order and COCO's compressed text."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.errors import InputError

__all__ = ["Rle"]


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

    def __post_init__(self) -> None:
        counts = np.array(self.counts, dtype=np.int64).reshape(-1)
        height, width = self.size
        if height < 0 or width < 0:
            raise InputError(f"size must not be negative, not {self.size}", reason="rle")
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
        flat = np.ascontiguousarray(mask.T).reshape(-1).astype(bool, copy=False)
        edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        start = [0, 0] if flat.size and flat[0] else [0]
        bounds = np.concatenate([start, edges, [flat.size]])
        return cls((mask.shape[0], mask.shape[1]), np.diff(bounds))

    @classmethod
    def encode_labels(cls, labels: NDArray[np.int32]) -> dict[int, "Rle"]:
        """Return the run lengths of every label but 0, all in one pass over the map.

        Args:
            labels: (H, W) integers.

        >>> sorted(Rle.encode_labels(np.array([[0, 2], [1, 2]])))
        [1, 2]
        """
        height, width = labels.shape
        flat = np.ascontiguousarray(labels.T).reshape(-1)
        starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
        values = flat[starts]
        ends = np.append(starts[1:], flat.size)
        kept = np.flatnonzero(values)
        order = kept[np.argsort(values[kept], kind="stable")]
        values, starts, ends = values[order], starts[order], ends[order]
        cuts = np.flatnonzero(values[1:] != values[:-1]) + 1
        rows = zip(np.split(starts, cuts), np.split(ends, cuts), strict=True)
        names = values[np.concatenate([[0], cuts])] if values.size else values
        return {
            int(name): cls((height, width), _counts(begin, end, flat.size))
            for name, (begin, end) in zip(names, rows, strict=False)
        }

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
        deltas = self.counts.copy()
        deltas[3:] -= self.counts[1:-2]
        return _pack(deltas)

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


def _counts(begin: NDArray[np.int64], end: NDArray[np.int64], pixels: int) -> NDArray[np.int64]:
    """Return run lengths from the begins and ends of the runs of ones, merging those that touch."""
    apart = begin[1:] != end[:-1]
    begin = begin[np.concatenate([[True], apart])]
    end = end[np.concatenate([apart, [True]])]
    bounds = np.empty(2 * len(begin) + 2, np.int64)
    bounds[0], bounds[-1] = 0, pixels
    bounds[1:-1:2], bounds[2:-1:2] = begin, end
    counts = np.diff(bounds)
    return counts if counts[-1] else counts[:-1]


def _pack(deltas: NDArray[np.int64]) -> str:
    """Return signed numbers as text: 5 bits a character, low bits first, bit 6 says "more"."""
    rest, going = deltas.copy(), np.ones(len(deltas), bool)
    columns = []
    while going.any():
        low = rest & 31
        rest >>= 5
        more = np.where(low & 16, rest != -1, rest != 0)
        columns.append(np.where(going, low + 32 * more + 48, 0))
        going &= more
    if not columns:
        return ""
    codes = np.stack(columns, axis=1).reshape(-1)
    return codes[codes > 0].astype(np.uint8).tobytes().decode("ascii")


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
