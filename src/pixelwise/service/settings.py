"""How the service runs; the defaults are those of a machine that faces strangers."""

from dataclasses import dataclass, field
from ipaddress import ip_address

from pixelwise.errors import InvalidSetting
from pixelwise.io.limits import MEBI, SERVER, Limits
from pixelwise.pipeline.threads import cores

__all__ = ["ServiceSettings"]


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What the service grants.

    Args:
        host: Address that it listens at.
        port: Its port; 0: any that is free.
        token: What clients must show as ``Authorization: Bearer TOKEN``; empty: nothing, which
            only a loopback address may have.
        workers: Processes that compute; None: one a core.
        threads: Threads of one of them; None: what the cores give each.
        queue: Requests that may wait; None: four for each worker.
        limits: What one picture may ask for.
        body_bytes: Most bytes of a request.
        upload_bytes: Most bytes of a video or volume.
        received_bytes: Most bytes of all requests together that are not computed yet.
        receive_s: Longest time for a request to come in.
        deadline_s: Longest time from the whole request to its answer.
        send_s: Longest time that a client may leave an answer untaken.
        drain_s: Longest time for what is in work when the service ends.
        job_s: Longest time for a job.
        jobs: Most jobs that are kept, running, waiting and finished together.
        worker_bytes: A worker that holds more memory after a request is replaced.
        connections: Most connections at once.
        streams: Most live pages at once.

    Raises:
        InvalidSetting: An address that strangers reach, without a token.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    workers: int | None = None
    threads: int | None = None
    queue: int | None = None
    limits: Limits = field(default_factory=lambda: SERVER)
    body_bytes: int = 32 * MEBI
    upload_bytes: int = 256 * MEBI
    received_bytes: int = 256 * MEBI
    receive_s: float = 10.0
    deadline_s: float = 30.0
    send_s: float = 10.0
    drain_s: float = 20.0
    job_s: float = 3600.0
    jobs: int = 16
    worker_bytes: int = 1024 * MEBI
    connections: int = 2000
    streams: int = 8

    def __post_init__(self) -> None:
        if not self.token and not self.is_loopback:
            raise InvalidSetting(
                f"{self.host} can be reached by others, so a token is needed: "
                "--token TEXT or the variable PIXELWISE_TOKEN"
            )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it.

        >>> ServiceSettings().is_loopback
        True
        """
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def worker_count(self) -> int:
        """Processes that compute."""
        return self.workers or cores()

    @property
    def worker_threads(self) -> int:
        """Threads of each of them: together no more than there are cores."""
        return self.threads or max(1, cores() // self.worker_count)

    @property
    def queue_length(self) -> int:
        """Requests that may wait."""
        return 4 * self.worker_count if self.queue is None else self.queue
