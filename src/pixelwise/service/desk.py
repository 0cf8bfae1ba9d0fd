"""What all routes share: settings, the workers, what is counted."""

from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from pixelwise.service.jobs import Jobs
from pixelwise.service.meters import Meters
from pixelwise.service.pool import Pool, PoolRules
from pixelwise.service.settings import ServiceSettings

__all__ = ["Desk", "desk_of"]


@dataclass(eq=False)
class Desk:
    """One running service.

    Args:
        settings: What it grants.
        pool: Its workers.
        jobs: Its long work.
        meters: What it counts.
        streams: Live pages that are open.
    """

    settings: ServiceSettings
    pool: Pool
    jobs: Jobs
    meters: Meters = field(default_factory=Meters)
    streams: int = 0

    @classmethod
    def open(cls, settings: ServiceSettings) -> "Desk":
        """Start the workers."""
        rules = PoolRules(
            workers=settings.worker_count,
            threads=settings.worker_threads,
            queue=settings.queue_length,
            deadline_s=settings.deadline_s,
            worker_bytes=settings.worker_bytes,
        )
        desk = cls(settings, Pool(rules), Jobs(settings))
        pool, gauge = desk.pool, desk.meters.gauge
        gauge("load", "Requests that wait or are in work.", lambda: pool.load)
        gauge("jobs", "Jobs that wait or run.", lambda: desk.jobs.load)
        gauge("workers", "Workers that are ready.", lambda: pool.ready)
        gauge("worker_bytes", "Memory of the workers.", lambda: pool.resident_bytes)
        gauge("worker_restarts", "Workers that were replaced.", lambda: pool.restarts)
        return desk

    def close(self) -> None:
        """End the workers."""
        self.pool.close()
        self.jobs.close()


def desk_of(connection: HTTPConnection) -> Desk:
    """Return the service that a request came to."""
    return cast("Desk", connection.app.state.desk)
