"""Many pictures through one road, in threads; threads live here and in batch and service only."""

from pixelwise.pipeline.live import Live, LiveReport, Opener, State, run_live
from pixelwise.pipeline.mailbox import Mailbox, Worker
from pixelwise.pipeline.running import Pair, Parallel, Refine, Report, Show, run
from pixelwise.pipeline.threads import ahead, cores, in_parallel

__all__ = [
    "Live",
    "LiveReport",
    "Mailbox",
    "Opener",
    "Pair",
    "Parallel",
    "Refine",
    "Report",
    "Show",
    "State",
    "Worker",
    "ahead",
    "cores",
    "in_parallel",
    "run",
    "run_live",
]
