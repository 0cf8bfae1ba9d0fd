"""POST /v1/jobs and what follows: videos, volumes and rasters by way of files."""

import shutil
from pathlib import Path, PurePath
from typing import Annotated, Any

from fastapi import Path as InPath
from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.responses import FileResponse, JSONResponse, Response

from pixelwise.service.desk import desk_of
from pixelwise.service.forms import FIELD_BYTES, MOST_FIELDS
from pixelwise.service.jobs import Job
from pixelwise.service.longwork import KINDS, LongAsk, check_extra
from pixelwise.service.refusals import Refusal
from pixelwise.service.schemas import JobWanted, ask_of

__all__ = ["begin_job", "end_job", "give_file", "see_job"]

Identity = Annotated[str, InPath(max_length=64)]
Name = Annotated[str, InPath(max_length=100, pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)+$")]


async def begin_job(request: Request) -> JSONResponse:
    """Begin a job on a video, volume or raster: the file field `file` and the fields beside it.

    The answer (202) has its id; ask for `/v1/jobs/ID` to see how far it is.
    """
    desk = desk_of(request)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refusal(415, "expected multipart/form-data with a file 'file'")
    try:
        form = await request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES)
    except MultiPartException as error:
        raise Refusal(400, f"the form cannot be read: {error.message}") from error
    items = form.multi_items()
    fields = {name: value for name, value in items if isinstance(value, str)}
    file = next((value for _, value in items if isinstance(value, UploadFile)), None)
    if file is None or len(fields) + 1 != len(items) or "file" not in form:
        raise Refusal(422, "expected one file in the field 'file', and each other field once")
    asked = _asked(JobWanted.model_validate(fields))
    folder = desk.jobs.folder()
    try:
        await _keep(file, folder, asked.kind)
        job = desk.jobs.begin(asked, folder)
    except Refusal:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return JSONResponse(job.record(), 202, {"Location": f"/v1/jobs/{job.id}"})


def _asked(wanted: JobWanted) -> LongAsk:
    check_extra(wanted.kind)
    return LongAsk(
        kind=wanted.kind,
        ask=ask_of(wanted),
        preset=wanted.preset,
        sensor=wanted.sensor,
        background=wanted.background,
    )


async def _keep(file: UploadFile, folder: Path, kind: str) -> None:
    """Write the file under a name of ours; of the client's only the known ending is taken."""
    name = PurePath(file.filename or "").name.lower()
    suffix = next((known for known in KINDS[kind].suffixes if name.endswith(known)), None)
    if suffix is None:
        endings = ", ".join(KINDS[kind].suffixes)
        raise Refusal(415, f"expected a file whose name ends in {endings}")
    with (folder / f"input{suffix}").open("xb") as place:
        while part := await file.read(1 << 20):
            place.write(part)


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
