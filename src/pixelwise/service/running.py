"""The service as a process: sockets, signals, the end that cuts no answer."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from socket import socket
from types import FrameType

import uvicorn

from pixelwise.errors import UsageError
from pixelwise.service.app import guarded
from pixelwise.service.guard import Guard
from pixelwise.service.protocol import protocol_for
from pixelwise.service.settings import ServiceSettings

__all__ = ["serve"]

HEAD_BYTES = 65_536
"""Most bytes of the head of a request."""
FRAME_BYTES = 4 << 20
"""Most bytes of a message over a WebSocket."""
SPARE = 32
"""File descriptors that are not connections."""
BACKLOG = 2048


class _Server(uvicorn.Server):
    """Tells the guard that the end has begun, and others when the socket is open."""

    def __init__(self, config: uvicorn.Config, guard: Guard, say: Callable[[str], None]) -> None:
        super().__init__(config)
        self._guard, self._say = guard, say

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take no new requests; those in work are finished."""
        self._guard.drain()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Open the socket and say where."""
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        self._say(f"http://{shown}:{port}/")


def serve(settings: ServiceSettings, say: Callable[[str], None]) -> None:
    """Run the service until SIGTERM or Ctrl-C.

    Args:
        settings: What it grants.
        say: Takes the address once it is open.

    Raises:
        UsageError: The address is taken, or is none of this machine.
    """
    connections, backlog = _connections(settings.connections)
    settings = replace(settings, connections=connections)
    with _private_folder(), _ended_by_sigterm():
        guard = guarded(settings)
        try:
            _Server(_config(settings, guard, backlog), guard, say).run()
        except SystemExit as end:
            place = f"{settings.host}:{settings.port}"
            raise UsageError(
                f"{place} cannot be listened at: it is taken, or no address of this machine; "
                "give another --port or --host"
            ) from end


def _config(settings: ServiceSettings, guard: Guard, backlog: int) -> uvicorn.Config:
    return uvicorn.Config(
        guard,
        host=settings.host,
        port=settings.port,
        http=protocol_for(settings),
        backlog=backlog,
        ws="websockets-sansio",
        ws_max_size=FRAME_BYTES,
        ws_per_message_deflate=False,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_graceful_shutdown=int(settings.drain_s),
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


def _connections(wanted: int) -> tuple[int, int]:
    """Return how many connections there may be, and how many may come at one moment.

    The limit on file descriptors is raised as far as the system lets this user; what it allows
    is never used up: an accept that fails for that reason would be tried again without end.
    """
    if sys.platform == "win32":
        return wanted, BACKLOG
    resource = import_module("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + BACKLOG + SPARE and soft != resource.RLIM_INFINITY:
        needed = wanted + BACKLOG + SPARE
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft == resource.RLIM_INFINITY:
        return wanted, BACKLOG
    free = max(soft - SPARE, 8)
    backlog = min(BACKLOG, free // 4)
    return min(wanted, free - backlog), backlog


@contextmanager
def _private_folder() -> Iterator[None]:
    """Let temporary files lie in a folder of this user alone, gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="pixelwise-", ignore_cleanup_errors=True) as folder:
        os.umask(0o077)
        tempfile.tempdir = folder
        os.environ["TMPDIR"] = folder
        os.environ["GRADIO_TEMP_DIR"] = str(Path(folder) / "studio")
        yield


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Take SIGTERM for a wish: uvicorn raises it again once it has finished, and that is all."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
