"""pixelwise serve: the service with its studio and live pages."""

from importlib import import_module
from typing import Annotated

import typer

from pixelwise.cli import options
from pixelwise.cli.exits import report
from pixelwise.errors import MissingExtra
from pixelwise.io.limits import MEBI

__all__ = ["serve"]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0: a free one.")] = 8000,
    token: Annotated[
        str, typer.Option(envvar="PIXELWISE_TOKEN", help="What clients must show.")
    ] = "",
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes; one a core.")
    ] = None,
    queue: Annotated[
        int | None, typer.Option(min=0, help="Requests that may wait; four a worker.")
    ] = None,
    deadline: Annotated[float, typer.Option(min=0.1, help="Seconds for one request.")] = 30.0,
    drain: Annotated[float, typer.Option(min=0, help="Seconds to finish work at the end.")] = 20.0,
    body: Annotated[int, typer.Option(min=1, help="Most MiB of a request.")] = 32,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Serve the HTTP API under /v1, the studio page at / and the live page at /live.

    Only this machine can reach it; any other address needs a --token. SIGTERM and Ctrl-C let what
    is in work be finished.
    """
    try:
        running = import_module("pixelwise.service.running")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == "pixelwise":
            raise
        raise MissingExtra.of("serve", missing, "serve") from error
    settings = import_module("pixelwise.service.settings").ServiceSettings(
        host=host,
        port=port,
        token=token,
        workers=workers,
        queue=queue,
        deadline_s=deadline,
        drain_s=drain,
        body_bytes=body * MEBI,
    )
    running.serve(settings, lambda place: report(f"serving at {place} (Ctrl-C ends it)"))
