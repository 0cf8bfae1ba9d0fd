"""GET /v1/methods, /v1/models, /healthz, /readyz, /metrics: what exists and how it goes."""

import asyncio
from dataclasses import asdict
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pixelwise.catalog import list_methods, list_models
from pixelwise.catalog.tuning import knobs
from pixelwise.service.desk import desk_of
from pixelwise.service.refusals import Refusal

__all__ = ["health", "methods", "metrics", "models", "ready"]


async def methods() -> list[dict[str, Any]]:
    """List the classical methods with their settings."""
    return [row.to_dict() for row in list_methods()]


async def models() -> list[dict[str, Any]]:
    """List the networks: what they do, under which licence, whether they are ready, settings."""
    rows = await asyncio.to_thread(list_models)
    return [
        {**row.to_dict(), "settings": [asdict(knob.row) for knob in knobs(row.name)]}
        for row in rows
    ]


async def health() -> JSONResponse:
    """Say that the service lives."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> JSONResponse:
    """Say that a worker is ready, or refuse with 503."""
    if not desk_of(request).pool.ready:
        raise Refusal(503, "no worker is ready yet")
    return JSONResponse({"status": "ready"})


async def metrics(request: Request) -> Response:
    """Give the figures that Prometheus collects."""
    text = desk_of(request).meters.text()
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")
