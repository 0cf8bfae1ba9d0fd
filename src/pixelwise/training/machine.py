"""What the machine at hand allows: memory, and numbers of 16 bits."""

import os
from dataclasses import dataclass

import numpy as np
import torch

from pixelwise.training.plan import Precision

__all__ = ["Machine"]

WEIGHT = 600
"""Bytes that a pixel of a patch costs in training, measured on the plain U-Net."""
DEEP_WEIGHT = 3000
"""The same for a voxel."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What training may use.

    Args:
        memory: Free bytes, of the GPU where there is one.
        precision: In what the forward pass is computed.
        why: Reason for that.
        workers: Processes that cut patches beside it; 0: the training's own does.
    """

    memory: int
    precision: Precision
    why: str
    workers: int = 0

    @classmethod
    def here(cls) -> "Machine":
        """Return this machine."""
        if torch.cuda.is_available():
            free, _ = torch.cuda.mem_get_info()
            why = "a GPU computes 16 bits several times faster"
            workers = min(8, max(1, (os.cpu_count() or 2) - 1))
            return cls(free, Precision.BFLOAT, why, workers)
        free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES") if _is_unix() else 4 << 30
        if torch.cpu.get_capabilities().get("avx512_bf16"):
            return cls(free, Precision.BFLOAT, "this processor computes bfloat16 twice as fast")
        return cls(free, Precision.SINGLE, "this processor has no fast 16-bit numbers")

    def batch_for(self, patch: tuple[int, ...]) -> tuple[int, str]:
        """Return how many patches fit into half of the memory, at most eight, and why."""
        each = float(np.prod(patch)) * (DEEP_WEIGHT if len(patch) == 3 else WEIGHT)
        most = 2 if len(patch) == 3 else 8
        fits = max(1, int(self.memory / 2 / each))
        if fits >= most:
            return most, "enough for a steady gradient"
        return fits, f"{self.memory / 2**30:.1f} GB of free memory"


def _is_unix() -> bool:
    return hasattr(os, "sysconf") and "SC_AVPHYS_PAGES" in os.sysconf_names
