"""How fast the runtimes are for one card on this machine."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.cards.store import Store
from pixelwise.catalog.listing import runtime_state
from pixelwise.core import Session, Tensor
from pixelwise.errors import ModelError
from pixelwise.runtimes import RUNTIMES

__all__ = ["timed"]

OPEN_SIDE = 256
"""Taken for sides that a model leaves open."""


def timed(card: Card, *, threads: int = 2, rounds: int = 15) -> dict[str, float]:
    """Return the milliseconds of one bare run on each runtime that is here and can load the file.

    The runs take turns, so that other work on the machine strikes all runtimes alike; the best
    round counts.

    Args:
        card: Its file must be here.
        threads: Of each runtime.
        rounds: Runs of each.

    Raises:
        ModelError: The file is not here, or no runtime loads it.
    """
    path = Store.from_environment().path(card, offline=True)
    names = [name for name in card.runtimes if runtime_state(name) is None]
    loaded = {name: made for name in names if (made := _loaded(name, path, threads)) is not None}
    if not loaded:
        raise ModelError(f"no runtime that is here loads {path.name}: {', '.join(card.runtimes)}")
    feeds = {name: _noise(session.inputs, card) for name, session in loaded.items()}
    best = dict.fromkeys(loaded, float("inf"))
    for number in range(rounds + 1):
        for name, session in loaded.items():
            start = perf_counter()
            session.run(feeds[name])
            if number:  # the first run warms up
                best[name] = min(best[name], (perf_counter() - start) * 1000)
    return best


def _loaded(runtime: str, path: Path, threads: int) -> Session | None:
    """Return the loaded file, None where this runtime cannot read it."""
    try:
        return RUNTIMES[runtime](path, threads=threads, device="cpu")
    except ModelError:
        return None


def _noise(inputs: Sequence[Tensor], card: Card) -> dict[str, NDArray[np.generic]]:
    random, size = np.random.default_rng(0), card.input
    closed = [side for side in size.size if side] or [OPEN_SIDE]
    made = {}
    for tensor in inputs:
        sides = [
            side or (1 if place == 0 else closed[-1]) for place, side in enumerate(tensor.shape)
        ]
        high = 1.0 if tensor.dtype.kind == "f" else 127.0
        made[tensor.name] = (random.random(sides) * high).astype(tensor.dtype)
    return made
