"""The application: every route of the service in one list."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse

from pixelwise import __version__
from pixelwise.errors import PixelwiseError
from pixelwise.service.bodies import COMPARED, JOB, SEGMENTED
from pixelwise.service.comparing import compare_picture
from pixelwise.service.desk import Desk
from pixelwise.service.doors import Doors
from pixelwise.service.guard import Guard, body_of
from pixelwise.service.jobdesk import begin_job, end_job, give_file, see_job
from pixelwise.service.live import live
from pixelwise.service.paging import page
from pixelwise.service.refusals import PHRASES, Refusal, refusal_of
from pixelwise.service.schemas import JobOut, MethodOut, ModelOut, RefusalOut
from pixelwise.service.segmenting import RESPONSES, segment
from pixelwise.service.settings import ServiceSettings
from pixelwise.service.studio.lazy import LazyStudio
from pixelwise.service.tables import health, methods, metrics, models, ready

__all__ = ["guarded"]

WORDS = {404: "there is nothing at this address", 405: "this address does not take that method"}
TAKING = (400, 401, 403, 406, 408, 411, 413, 415, 422, 431, 500, 503, 504)
GIVING = (400, 401, 403, 413, 422, 431, 503)


def guarded(settings: ServiceSettings) -> Guard:
    """Return the whole service as one ASGI application; workers start with its lifespan.

    Args:
        settings: What it grants.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.desk = desk
        yield
        await studio.close()
        desk.close()

    desk = Desk.open(settings)
    studio = LazyStudio(desk)
    app = FastAPI(
        title="pixelwise",
        version=__version__,
        summary="Every kind of image segmentation behind one call.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=lifespan,
    )
    _route(app)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(PixelwiseError, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_exception_handler(ValidationError, _refused)
    app.add_exception_handler(Exception, _refused)
    return Guard(Doors(app, studio), settings, desk.meters)


def _route(app: FastAPI) -> None:
    """Add every route."""
    taking, giving = _refusals(TAKING), _refusals(GIVING)
    app.post(
        "/v1/segment",
        responses={**taking, **RESPONSES},
        openapi_extra={"requestBody": SEGMENTED},
    )(segment)
    app.post("/v1/compare", responses=taking, openapi_extra={"requestBody": COMPARED})(
        compare_picture
    )
    app.post(
        "/v1/jobs",
        status_code=202,
        responses={**taking, 202: {"model": JobOut}},
        openapi_extra={"requestBody": JOB},
    )(begin_job)
    kept = {**giving, **_refusals((404,))}
    app.get("/v1/jobs/{identity}", response_model=JobOut, responses=kept)(see_job)
    app.delete("/v1/jobs/{identity}", status_code=204, responses=kept)(end_job)
    app.get("/v1/jobs/{identity}/files/{name}", responses=kept)(give_file)
    app.get("/v1/methods", response_model=list[MethodOut], responses=giving)(methods)
    app.get("/v1/models", response_model=list[ModelOut], responses=giving)(models)
    app.get("/healthz", responses=giving)(health)
    app.get("/readyz", responses=giving)(ready)
    app.get("/metrics", responses=giving, response_class=PlainTextResponse)(metrics)
    app.add_api_websocket_route("/live/frames", live)
    for path in ("/live", "/live/live.js", "/live/live.css"):
        app.get(path, include_in_schema=False)(page)


def _refusals(statuses: tuple[int, ...]) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": RefusalOut, "description": PHRASES[status]} for status in statuses}


async def _refused(request: Request, error: Exception) -> JSONResponse:
    """Answer any error in our form."""
    refusal = _refusal(error)
    body = body_of(refusal, request.state.request_id)
    return JSONResponse(body, refusal.status_code, refusal.headers)


def _refusal(error: Exception) -> Refusal:
    match error:
        case Refusal():
            return error
        case PixelwiseError():
            return refusal_of(error)
        case HTTPException():
            made = Refusal(error.status_code, WORDS.get(error.status_code, str(error.detail)))
            made.headers = error.headers
            return made
        case RequestValidationError() | ValidationError():
            return Refusal(422, _first_fault(error))
        case _:
            return Refusal(500, "the server made a mistake; its log has this request's id")


def _first_fault(error: RequestValidationError | ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "query")
    return f"{place[:100]}: {first['msg']}"
