"""Many pictures through one road, in threads; threads live here and in batch and service only."""

from pixelwise.pipeline.running import Pair, Parallel, Refine, Report, Show, run
from pixelwise.pipeline.threads import ahead, cores, in_parallel

__all__ = [
    "Pair",
    "Parallel",
    "Refine",
    "Report",
    "Show",
    "ahead",
    "cores",
    "in_parallel",
    "run",
]
