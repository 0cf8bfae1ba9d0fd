"""Times two or more ways to do the same thing, interleaved, in one process."""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Job = Callable[[], Any]


def arguments(description: str) -> argparse.Namespace:
    """Return --data and --models (both folders) and --quick."""
    root = Path(__file__).resolve().parents[2] / "shared"
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, default=root / "data", help="folder of the data sets")
    parser.add_argument(
        "--models", type=Path, default=root / "models" / "files", help="model files"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a smoke test")
    return parser.parse_args()


def interleave(
    jobs: Mapping[str, Job],
    *,
    rounds: int = 15,
    warm: int = 2,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Return the milliseconds of every round of every job; the order turns round each time."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        for _ in range(warm):
            job()
    for number in range(rounds):
        names = list(jobs) if number % 2 == 0 else list(reversed(jobs))
        for name in names:
            start = clock()
            jobs[name]()
            times[name].append((clock() - start) * 1000)
    return times


def ratio(slow: list[float], fast: list[float]) -> tuple[float, float, float]:
    """Return median(slow) / median(fast) and its bootstrap 95 % interval."""
    generator = np.random.default_rng(0)
    first, second = np.array(slow), np.array(fast)
    picks = generator.integers(0, len(first), (500, len(first)))
    spread = np.median(first[picks], axis=1) / np.median(second[picks % len(second)], axis=1)
    low, high = np.percentile(spread, [2.5, 97.5])
    return statistics.median(slow) / statistics.median(fast), float(low), float(high)


def finish(figures: Mapping[str, float]) -> None:
    """Print the figures as the last line: one flat JSON object."""
    print(json.dumps({name: round(float(value), 4) for name, value in figures.items()}))
