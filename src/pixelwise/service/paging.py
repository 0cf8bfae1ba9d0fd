"""GET /live: the pages that the package brings."""

from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from fastapi import Request
from starlette.responses import Response

__all__ = ["page"]

MEDIA = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""What a page may load: its own files and what the user gives it."""


async def page(request: Request) -> Response:
    """Give the page, script or style of that name."""
    name = PurePosixPath(request.url.path).name
    name = name if "." in name else f"{name}.html"
    media = MEDIA[PurePosixPath(name).suffix]
    headers = {"Content-Security-Policy": POLICY}
    return Response(_bytes(name), media_type=media, headers=headers)


@cache
def _bytes(name: str) -> bytes:
    return files("pixelwise.service").joinpath("pages", name).read_bytes()
