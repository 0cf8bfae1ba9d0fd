"""Which pictures a network is least sure of: those are worth labelling first."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pixelwise.cli.exits import emit, exit_code_of, one_line, report
from pixelwise.cli.progress import track
from pixelwise.core import Result, Segmenter
from pixelwise.errors import PixelwiseError
from pixelwise.io.files import read
from pixelwise.methods.deep.uncertainty import uncertainty

__all__ = ["doubt", "rank"]

SHARE = 0.1
"""Share of pixels that counts, the least sure ones: the background is nearly always sure."""


def rank(segmenter: Segmenter, paths: Sequence[Path], *, as_json: bool) -> int:
    """Print the pictures with their doubt, the least sure first, and return the exit code.

    Nothing is written. A picture that cannot be read is told and left out.
    """
    rows: list[tuple[float, Path]] = []
    failures: list[int] = []
    for path in track(paths, len(paths), "segment"):
        try:
            rows.append((doubt(segmenter(read(path))), path))
        except PixelwiseError as error:
            failures.append(error.exit_code)
            report(str(error) if str(error).startswith(str(path)) else f"{path}: {error}")
    for value, path in sorted(rows, key=lambda row: (-row[0], str(row[1]))):
        line = json.dumps({"input": str(path), "uncertainty": round(value, 4)})
        emit(line if as_json else f"{value:.4f}  {one_line(path)}")
    return exit_code_of(failures, len(paths))


def doubt(result: Result) -> float:
    """Return the mean uncertainty of the least sure tenth of the pixels, 0..1.

    Raises:
        InputError: The result holds no probabilities.

    >>> from pixelwise.core import Foreground
    >>> doubt(Foreground(np.ones((2, 5), bool), np.linspace(0.55, 1, 10).reshape(2, 5)))
    0.44999998807907104
    """
    values = np.sort(uncertainty(result).reshape(-1))
    return float(values[-max(1, round(SHARE * values.size)) :].mean())
