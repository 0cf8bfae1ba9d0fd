"""Between the page and the workers: files come in as paths of ours, errors go out as words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import gradio as gr

from pixelwise.errors import LimitError, PixelwiseError
from pixelwise.service.desk import Desk
from pixelwise.service.jobs import Job, State
from pixelwise.service.longwork import INPUT, LESSON, LongAsk
from pixelwise.service.refusals import Refusal, refusal_of

__all__ = ["bytes_of", "finished", "in_words"]

LOOK_S = 0.25


@asynccontextmanager
async def in_words() -> AsyncIterator[None]:
    """Show errors of the block on the page."""
    try:
        yield
    except Refusal as refusal:
        raise gr.Error(refusal.message, duration=8) from refusal
    except PixelwiseError as error:
        raise gr.Error(refusal_of(error).message, duration=8) from error


def bytes_of(path: str, most: int) -> bytes:
    """Return the bytes of an uploaded file.

    Raises:
        LimitError: It is too large.
    """
    place = Path(path)
    if place.stat().st_size > most:
        raise LimitError(f"the file has {place.stat().st_size} bytes, over the limit of {most}")
    return place.read_bytes()


async def finished(
    desk: Desk,
    asked: LongAsk,
    path: str,
    progress: Any,  # noqa: ANN401 - Gradio's
    lesson: str | None = None,
) -> Job:
    """Run a job on an uploaded file, and one to learn from, and return it when it is done.

    Raises:
        Refusal: It failed, or was cancelled.
    """
    folder = desk.jobs.folder()
    for stem, given in ((INPUT, path), (LESSON, lesson)):
        if given is not None:
            suffix = "".join(Path(given).suffixes[-2 if given.endswith(".gz") else -1 :]).lower()
            data = bytes_of(given, desk.settings.upload_bytes)
            await asyncio.to_thread((folder / f"{stem}{suffix}").write_bytes, data)
    job = desk.jobs.begin(asked, folder)
    try:
        while job.state in (State.WAITING, State.RUNNING):
            progress(job.progress, desc=str(job.state))
            await asyncio.sleep(LOOK_S)
    except asyncio.CancelledError:
        await desk.jobs.end(job)
        raise
    if job.failure is not None:
        raise job.failure
    return job
