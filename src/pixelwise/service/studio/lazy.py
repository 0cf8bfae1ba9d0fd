"""The studio as an ASGI application that is built when somebody first asks for it.

Gradio takes seconds to load; who only uses the API never waits for it.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from importlib import import_module

from starlette.types import ASGIApp, Receive, Scope, Send

from pixelwise.errors import MissingExtra
from pixelwise.service.desk import Desk

__all__ = ["LazyStudio"]

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SSR_MODE": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""The page and the service call nobody."""


class LazyStudio:
    """Builds the page at the first request.

    Args:
        desk: The service.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._app: ASGIApp | None = None
        self._lock = asyncio.Lock()
        self._stack = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page and what belongs to it."""
        async with self._lock:
            if self._app is None:
                self._app = await self._built()
        await self._app(scope, receive, send)

    async def close(self) -> None:
        """End what the page runs, if it was ever built."""
        await self._stack.aclose()

    async def _built(self) -> ASGIApp:
        os.environ.update(QUIET)
        try:
            page = await asyncio.to_thread(import_module, "pixelwise.service.studio.page")
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("pixelwise"):
                raise
            raise MissingExtra.of("the studio page", error.name or "gradio", "serve") from error
        app = await asyncio.to_thread(page.studio_app, self._desk)
        await self._stack.enter_async_context(app.router.lifespan_context(app))
        made: ASGIApp = app
        return made
