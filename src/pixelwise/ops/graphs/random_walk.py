"""Probabilities that a random walker on the pixel grid reaches each label's seeds first."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.ops.compiled import jit
from pixelwise.ops.progress import steps

__all__ = ["edge_weights", "walker_labels"]

LEAST_WEIGHT = 1e-10
"""Added to each weight, so that no pixel is cut off."""

COARSEST = 400
"""Pixels at which a level is relaxed until it hardly changes."""

PRECISION = 1e-3
"""Residual, relative to the right side, at which the iteration stops."""

MOST_ROUNDS = 200
"""Conjugate gradient steps before the answer is taken as it is; 10 to 30 are usual."""

Volume = NDArray[np.float32]
Row = NDArray[np.float32]


class _Level(NamedTuple):
    """The system on one grid: couplings (3, D, H, W) to the next pixel along z, y, x; diagonal."""

    couplings: Volume
    diagonal: Volume
    free: NDArray[np.bool_]


def walker_labels(weights: tuple[Volume, ...], seeds: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return for each pixel the label whose seeds a walker from there reaches first, most likely.

    The probabilities solve a Laplace equation for each label but one, by conjugate gradients
    with a multigrid cycle over blocks of pixels as preconditioner; the number of steps hardly
    depends on the size.

    Args:
        weights: One array an axis of ``seeds``, as :func:`edge_weights` gives.
        seeds: (H, W) or (D, H, W) int32; 0 nothing, 1.. labels. At least one label.

    Source:
        L. Grady, "Random Walks for Image Segmentation", PAMI 28(11), 2006.

    >>> line = np.array([[1, 0, 0, 0, 2]], np.int32)
    >>> weak = np.array([[1, 1, 0.1, 1, 0]], np.float32)
    >>> walker_labels((np.zeros((1, 5), np.float32), weak), line).tolist()
    [[1, 1, 1, 2, 2]]
    """
    labels = [int(label) for label in np.unique(seeds[seeds > 0])]
    grid = seeds if seeds.ndim == 3 else seeds[np.newaxis]
    axes = weights if seeds.ndim == 3 else (np.zeros_like(weights[0]), *weights)
    couplings = [np.asarray(axis, np.float32).reshape(grid.shape) for axis in axes]
    levels = _levels(couplings, grid == 0)
    best, winner = np.full(grid.shape, -1, np.float32), np.full(grid.shape, labels[-1], np.int32)
    rest = np.ones(grid.shape, np.float32)
    for label in steps(labels[:-1]):
        chance = _solve(levels, _pull(couplings, grid == label) * (grid == 0))
        rest -= chance
        wins = chance > best
        best[wins], winner[wins] = chance[wins], label
    winner[rest > best] = labels[-1]
    return np.where(seeds > 0, seeds, winner.reshape(seeds.shape)).astype(np.int32)


def edge_weights(
    values: NDArray[Any], beta: float, spacing: tuple[float, ...]
) -> tuple[Volume, ...]:
    """Return how easily a walker steps to the next pixel along each axis, 0 at the end.

    ``exp(-beta (difference / step)^2 / (10 std sqrt(channels)))``, as in scikit-image.

    Args:
        values: (H, W, C) or (D, H, W, C), 0..1.
        beta: The greater, the less a walker crosses edges.
        spacing: Length of a step along each axis.
    """
    channels = values.shape[-1]
    scale = -beta / (10 * max(float(values.std()), 1e-9))
    if channels > 1:
        scale /= np.sqrt(channels)
    weights = []
    for axis in range(values.ndim - 1):
        square = (np.diff(values, axis=axis) ** 2).sum(axis=-1) / spacing[axis] ** 2
        weight = np.exp(scale * square) + LEAST_WEIGHT
        ends = [(0, int(k == axis)) for k in range(weight.ndim)]
        weights.append(np.pad(weight, ends).astype(np.float32))
    return tuple(weights)


def _levels(couplings: list[Volume], free: NDArray[np.bool_]) -> list[_Level]:
    """Return the systems from fine to coarse; a coarse pixel stands for up to 2 x 2 x 2 free ones.

    Couplings to seeds leave the matrix but stay in the diagonal.
    """
    diagonal = _degree(couplings)
    inner = [axis * free * np.roll(free, -1, axis=number) for number, axis in enumerate(couplings)]
    levels = [_Level(np.stack(inner), np.where(free, diagonal, 1).astype(np.float32), free)]
    while levels[-1].free.size > COARSEST:
        coarse = _coarsen(levels[-1])
        if coarse.free.size == levels[-1].free.size:
            break
        levels.append(coarse)
    return levels


def _degree(couplings: list[Volume]) -> Volume:
    """Return the sum of the couplings at each pixel."""
    return np.asarray(
        sum(axis + np.roll(axis, 1, axis=number) for number, axis in enumerate(couplings))
    )


def _pull(couplings: list[Volume], seeds: NDArray[np.bool_]) -> Volume:
    """Return the sum of the couplings of each pixel to the seeds."""
    total = np.zeros(seeds.shape, np.float32)
    for number, axis in enumerate(couplings):
        total += axis * np.roll(seeds, -1, axis=number)
        total += np.roll(axis * seeds, 1, axis=number)
    return total


def _blocks(fine: Volume) -> Volume:
    """Return sums over blocks of 2 x 2 x 2."""
    for axis in range(3):
        if fine.shape[axis] > 1:
            fine = np.add.reduceat(fine, np.arange(0, fine.shape[axis], 2), axis=axis)
    return fine


def _coarsen(level: _Level) -> _Level:
    shape = level.free.shape
    inside = np.zeros(shape, np.float32)
    across = []
    for number, coupling in enumerate(level.couplings):
        last = np.arange(shape[number]) % 2 == (1 if shape[number] > 1 else 0)
        outward = last.reshape([-1 if k == number else 1 for k in range(3)])
        across.append(_blocks(coupling * outward))
        inside += coupling * ~outward
    diagonal = _blocks(np.where(level.free, level.diagonal, 0)) - 2 * _blocks(inside)
    free = diagonal > 0
    return _Level(np.stack(across), np.where(free, diagonal, 1).astype(np.float32), free)


def _solve(levels: list[_Level], right: Volume) -> Volume:
    """Return the solution by preconditioned conjugate gradients."""
    level = levels[0]
    solution = np.zeros_like(right)
    residual = right.copy()
    limit = PRECISION * float(np.linalg.norm(right))
    direction = np.zeros_like(right)
    before = 1.0
    for _ in range(MOST_ROUNDS):
        if float(np.linalg.norm(residual)) <= limit:
            break
        better = _cycle(levels, 0, residual)
        now = float(np.vdot(residual, better))
        direction = better + np.float32(now / before) * direction
        before = now
        image = np.empty_like(right)
        _apply(level, direction, image)
        step = np.float32(now / float(np.vdot(direction, image)))
        solution += step * direction
        residual -= step * image
    return solution


def _cycle(levels: list[_Level], depth: int, right: Volume) -> Volume:
    """Return an approximate solution: smooth, solve twice on the coarser grid, smooth."""
    level = levels[depth]
    guess = np.zeros_like(right)
    if depth == len(levels) - 1:
        for _ in range(8):
            _smooth(level, right, guess, 1)
            _smooth(level, right, guess, -1)
        return guess
    _smooth(level, right, guess, 1)
    rest = np.empty_like(levels[depth + 1].diagonal)
    for _ in range(1 if depth == 0 else 2):
        _restrict(level, right, guess, rest)
        _correct(level.free, _cycle(levels, depth + 1, rest), guess)
    _smooth(level, right, guess, -1)
    return guess


@jit
def _across(couplings: NDArray[np.float32], values: Volume, z: int, y: int, row: Row) -> None:
    """Write the coupled sum of each pixel's neighbours in other rows; ends are coupled by 0."""
    depth, height, width = values.shape
    below = (y + 1) % height
    for x in range(width):
        row[x] = couplings[1, z, y - 1, x] * values[z, y - 1, x]
        row[x] += couplings[1, z, y, x] * values[z, below, x]
    if depth > 1:
        behind = (z + 1) % depth
        for x in range(width):
            row[x] += couplings[0, z - 1, y, x] * values[z - 1, y, x]
            row[x] += couplings[0, z, y, x] * values[behind, y, x]


@jit
def _image(level: _Level, values: Volume, z: int, y: int, row: Row) -> None:
    """Write a row of the matrix times ``values``."""
    couplings, diagonal, _ = level
    _across(couplings, values, z, y, row)
    along, own, pull = couplings[2, z, y], values[z, y], diagonal[z, y]
    for x in range(len(row)):
        row[x] = pull[x] * own[x] - row[x]
    for x in range(len(row) - 1):
        row[x] -= along[x] * own[x + 1]
        row[x + 1] -= along[x] * own[x]


@jit
def _apply(level: _Level, values: Volume, out: Volume) -> None:
    """Write the matrix times ``values``."""
    for z in range(values.shape[0]):
        for y in range(values.shape[1]):
            _image(level, values, z, y, out[z, y])


@jit
def _restrict(level: _Level, right: Volume, guess: Volume, coarse: Volume) -> None:
    """Add what is left of the right side to the coarse grid."""
    depth, height, width = right.shape
    row = np.empty(width, np.float32)
    coarse[:] = 0
    for z in range(depth):
        for y in range(height):
            _image(level, guess, z, y, row)
            for x in range(width):
                if level.free[z, y, x]:
                    coarse[z // 2, y // 2, x // 2] += right[z, y, x] - row[x]


@jit
def _correct(free: NDArray[np.bool_], coarse: Volume, guess: Volume) -> None:
    """Add the coarse solution to the free pixels of each block."""
    depth, height, width = guess.shape
    for z in range(depth):
        for y in range(height):
            for x in range(width):
                if free[z, y, x]:
                    guess[z, y, x] += coarse[z // 2, y // 2, x // 2]


@jit
def _smooth(level: _Level, right: Volume, guess: Volume, way: int) -> None:
    """Relax each pixel once, in raster order (``way`` 1) or against it (-1)."""
    depth, height, width = right.shape
    row = np.empty(width, np.float32)
    for plane in range(depth):
        z = plane if way > 0 else depth - 1 - plane
        for line in range(height):
            y = line if way > 0 else height - 1 - line
            _across(level.couplings, guess, z, y, row)
            row += right[z, y]
            system = (level.couplings[2, z, y], level.diagonal[z, y])
            _relax(system, level.free[z, y], row, guess[z, y], way)


@jit
def _relax(system: tuple[Row, Row], free: NDArray[np.bool_], rest: Row, own: Row, way: int) -> None:
    """Relax the free pixels of a row one by one; ``rest`` is what all but the row adds."""
    along, diagonal = system
    last = len(own) - 1
    for column in range(last + 1):
        x = column if way > 0 else last - column
        if free[x]:
            near = rest[x]
            if x > 0:
                near += along[x - 1] * own[x - 1]
            if x < last:
                near += along[x] * own[x + 1]
            own[x] = near / diagonal[x]
