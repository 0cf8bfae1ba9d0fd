"""Long work with a state: taken, watched, cancelled, fetched; forgotten after a while."""

import asyncio
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pixelwise.errors import Cancelled, PixelwiseError
from pixelwise.service.longwork import INPUT, LongAsk, do
from pixelwise.service.pool import Pool, PoolRules
from pixelwise.service.refusals import Refusal, refusal_of
from pixelwise.service.settings import ServiceSettings

__all__ = ["Job", "Jobs", "State"]

KEPT_S = 3600.0
"""A finished job and its files are kept so long."""


class State(StrEnum):
    """How a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class Job:
    """One job; who knows its id may see and end it, nobody else.

    Args:
        id: Cannot be guessed.
        asked: What it is to do.
        folder: Its files: ``input.*``, ``lesson.*`` where it learns, and ``out/``.
    """

    id: str
    asked: LongAsk
    folder: Path
    state: State = State.WAITING
    progress: float = 0.0
    result: dict[str, Any] = field(default_factory=dict)
    failure: Refusal | None = None
    ended_s: float | None = None
    task: "asyncio.Task[None] | None" = None

    @property
    def files(self) -> list[str]:
        """Names of what can be fetched."""
        out = self.folder / "out"
        if self.state is not State.DONE:
            return []
        return sorted(path.name for path in out.iterdir() if path.is_file())

    def record(self) -> dict[str, Any]:
        """Return it for JSON."""
        wrong = self.failure
        return {
            "id": self.id,
            "kind": self.asked.kind,
            "state": str(self.state),
            "progress": round(self.progress, 4),
            "result": self.result,
            "files": self.files,
            "error": None if wrong is None else {"code": wrong.code, "message": wrong.message},
        }


class Jobs:
    """The jobs of one service, done one after the other by a worker of their own.

    Args:
        settings: What the service grants.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._pool: Pool | None = None
        self._jobs: dict[str, Job] = {}
        self._root: Path | None = None

    @property
    def load(self) -> int:
        """Jobs that wait or run."""
        return sum(job.ended_s is None for job in self._jobs.values())

    def folder(self) -> Path:
        """Return a new folder of this user alone."""
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="pixelwise-jobs-"))
        made = self._root / secrets.token_hex(8)
        made.mkdir(mode=0o700)
        return made

    def begin(self, asked: LongAsk, folder: Path) -> Job:
        """Take a job whose input lies in ``folder``.

        Raises:
            Refusal: There are too many already (503).
        """
        self._forget()
        if len(self._jobs) >= self._settings.jobs:
            raise Refusal(503, "too many jobs are kept; delete one, or try again later")
        job = Job(secrets.token_urlsafe(16), asked, folder)
        self._jobs[job.id] = job
        job.task = asyncio.create_task(self._run(job))
        return job

    def find(self, identity: str) -> Job:
        """Return the job of that id.

        Raises:
            Refusal: There is none (404).
        """
        if identity not in self._jobs:
            raise Refusal(404, "there is no such job")
        return self._jobs[identity]

    async def end(self, job: Job) -> None:
        """Cancel a job if it runs, and remove it with its files."""
        self._jobs.pop(job.id, None)
        if job.task is not None:
            job.task.cancel()
            await asyncio.wait([job.task])
        await asyncio.to_thread(shutil.rmtree, job.folder, ignore_errors=True)

    def close(self) -> None:
        """End the worker and remove all files."""
        if self._pool is not None:
            self._pool.close()
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)

    async def _run(self, job: Job) -> None:
        source = next(job.folder.glob(f"{INPUT}.*"))

        def told(value: Any) -> None:  # noqa: ANN401 - (done, total)
            job.state = State.RUNNING
            done, total = value
            job.progress = min(done / total, 0.99) if total else 0.0

        try:
            job.result = await self._worker().run(
                do, job.asked, source, job.folder / "out", tell=told
            )
            job.state, job.progress = State.DONE, 1.0
        except (asyncio.CancelledError, Cancelled):
            job.state = State.CANCELLED
        except Refusal as refusal:
            job.state, job.failure = State.FAILED, refusal
        except PixelwiseError as error:
            job.state, job.failure = State.FAILED, refusal_of(error)
        finally:
            job.ended_s = time.monotonic()
            for given in job.folder.glob("*.*"):
                given.unlink(missing_ok=True)

    def _worker(self) -> Pool:
        """Return the worker of the jobs, which is started by the first of them."""
        if self._pool is None:
            settings = self._settings
            self._pool = Pool(
                PoolRules(
                    workers=1,
                    threads=settings.worker_threads,
                    queue=settings.jobs,
                    deadline_s=settings.job_s,
                    worker_bytes=settings.worker_bytes,
                    warm="pixelwise.service.longwork:warm",
                )
            )
        return self._pool

    def _forget(self) -> None:
        now = time.monotonic()
        for job in list(self._jobs.values()):
            if job.ended_s is not None and now - job.ended_s > KEPT_S:
                del self._jobs[job.id]
                shutil.rmtree(job.folder, ignore_errors=True)
