"""What every form of a network is written from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Draft"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A network that is about to become a file.

    Args:
        onnx: The whole of it as ONNX, in 32 bits.
        module: The torch module: pixels to a tensor or several.
        shape: Of its input; files whose sides are fixed take this one.
        samples: Inputs (1, C, ...) by which ranges of values are found.
    """

    onnx: Path
    module: Any
    shape: tuple[int, ...]
    samples: Sequence[NDArray[np.float32]] = ()
