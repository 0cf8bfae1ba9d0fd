"""POST /v1/jobs and what follows: videos, volumes and rasters by way of files."""

import shutil
from pathlib import Path, PurePath
from typing import Annotated, Any

from fastapi import Path as InPath
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.responses import FileResponse, JSONResponse, Response

from pixelwise.service.desk import desk_of
from pixelwise.service.forms import FIELD_BYTES, MOST_FIELDS
from pixelwise.service.jobs import Job
from pixelwise.service.longwork import INPUT, KINDS, LESSON, LESSONS, LongAsk, check_extra
from pixelwise.service.refusals import Refusal
from pixelwise.service.schemas import JobWanted, ask_of

__all__ = ["begin_job", "end_job", "give_file", "see_job"]

Identity = Annotated[str, InPath(max_length=64)]
Name = Annotated[str, InPath(max_length=100, pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)+$")]


async def begin_job(request: Request) -> JSONResponse:
    """Begin a job on a video, volume or raster: the file field `file` and the fields beside it.

    A raster with the method `objects` learns from the file field `lesson`: GeoJSON polygons with a
    property `class`, or a label map. The answer (202) has the job's id; ask for `/v1/jobs/ID` to
    see how far it is.
    """
    desk = desk_of(request)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refusal(415, "expected multipart/form-data with a file 'file'")
    try:
        form = await request.form(max_files=2, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES)
    except MultiPartException as error:
        raise Refusal(400, f"the form cannot be read: {error.message}") from error
    files, fields = _parts(form)
    asked = _asked(JobWanted.model_validate(fields))
    if LESSON in files and asked.kind != "raster":
        raise Refusal(422, f"expected no file {LESSON!r}: only rasters are learnt from")
    folder, job = desk.jobs.folder(), None
    try:
        await _keep(files["file"], folder / INPUT, KINDS[asked.kind].suffixes)
        if LESSON in files:
            await _keep(files[LESSON], folder / LESSON, LESSONS)
        job = desk.jobs.begin(asked, folder)
    finally:
        if job is None:
            shutil.rmtree(folder, ignore_errors=True)
    return JSONResponse(job.record(), 202, {"Location": f"/v1/jobs/{job.id}"})


def _parts(form: FormData) -> tuple[dict[str, UploadFile], dict[str, str]]:
    """Return the files and the fields of a form."""
    items = form.multi_items()
    files = {name: value for name, value in items if isinstance(value, UploadFile)}
    fields = {name: value for name, value in items if isinstance(value, str)}
    once = len(files) + len(fields) == len(items)
    if not once or "file" not in files or not files.keys() <= {"file", LESSON}:
        raise Refusal(
            422, f"expected a file 'file', for objects a file {LESSON!r}, and other fields once"
        )
    return files, fields


def _asked(wanted: JobWanted) -> LongAsk:
    check_extra(wanted.kind)
    return LongAsk(
        kind=wanted.kind,
        ask=ask_of(wanted),
        preset=wanted.preset,
        sensor=wanted.sensor,
        background=wanted.background,
    )


async def _keep(file: UploadFile, place: Path, suffixes: tuple[str, ...]) -> None:
    """Write the file under a name of ours; of the client's only the known ending is taken."""
    name = PurePath(file.filename or "").name.lower()
    suffix = next((known for known in suffixes if name.endswith(known)), None)
    if suffix is None:
        raise Refusal(415, f"expected a file whose name ends in {', '.join(suffixes)}")
    with place.with_suffix(suffix).open("xb") as kept:
        while part := await file.read(1 << 20):
            kept.write(part)


async def see_job(request: Request, identity: Identity) -> dict[str, Any]:
    """Say how a job stands."""
    return desk_of(request).jobs.find(identity).record()


async def end_job(request: Request, identity: Identity) -> Response:
    """Cancel a job, and remove it with its files."""
    jobs = desk_of(request).jobs
    await jobs.end(jobs.find(identity))
    return Response(status_code=204)


async def give_file(request: Request, identity: Identity, name: Name) -> FileResponse:
    """Give one file of a finished job."""
    job: Job = desk_of(request).jobs.find(identity)
    if name not in job.files:
        raise Refusal(404, "the job has no such file")
    return FileResponse(job.folder / "out" / name, filename=name)
