"""The HTTP/1.1 protocol of uvicorn with the deadlines that it lacks, and errors of our form.

uvicorn waits for ever for a request that comes byte by byte and for a client that takes no
answer; no middleware sees such a connection. A look at each one every second does.
"""

import asyncio
import json
import secrets
import socket
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from pixelwise.service.refusals import PHRASES
from pixelwise.service.settings import ServiceSettings

__all__ = ["protocol_for"]

LOOK_S = 1.0
AT_ONCE = 4
"""Requests that begin in one turn of the event loop."""
UNTAKEN = 1 << 18
"""Bytes that the system holds for a client that is slow in taking them."""


def protocol_for(settings: ServiceSettings) -> type[H11Protocol]:
    """Return the protocol class with the deadlines of ``settings``."""

    class Guarded(_Guarded):
        rules = settings
        turns = _Turns()

    return Guarded


class _Turns:
    """Requests that begin, a few in each turn of the event loop.

    A crowd's would begin all in one turn, and each be refused some turns later: what a thousand
    need at a time Python's allocator does not give back.
    """

    def __init__(self) -> None:
        self._queue: deque[tuple[_Guarded, bytes]] = deque()

    def come(self, connection: "_Guarded", data: bytes) -> None:
        """Let a connection begin with the first bytes of a request when it is its turn."""
        self._queue.append((connection, data))
        if len(self._queue) == 1:
            connection.loop.call_soon(self._go)

    def _go(self) -> None:
        for _ in range(min(AT_ONCE, len(self._queue))):
            connection, data = self._queue.popleft()
            connection.loop.call_soon(connection.begin, data)
        if self._queue:
            self._queue[0][0].loop.call_soon(self._go)


class _Guarded(H11Protocol):
    """One connection."""

    rules: ServiceSettings
    turns: _Turns
    _since: float = 0.0
    """When the head of a request began to come, or the connection was made."""
    _waits: bool = False
    """Whether a request has come and its turn has not."""
    _stuck: float | None = None
    """Since when the client takes nothing of what lies ready for it."""
    _left: int = 0
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock; beyond the most connections there is no room for a client."""
        super().connection_made(transport)
        self._since = self.loop.time()
        wire = transport.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNTAKEN)
        if len(self.connections) > self.rules.connections:
            self._refuse(503, "too many connections; try again soon")
            return
        self._watch = self.loop.call_later(LOOK_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes; a new request waits for its turn."""
        if self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]:
            self._waits = True
            self._unset_keepalive_if_required()
            self.transport.pause_reading()
            self.turns.come(self, data)
        else:
            super().data_received(data)

    def begin(self, data: bytes) -> None:
        """Begin with a request."""
        if not self.transport.is_closing():
            self._waits, self._since = False, self.loop.time()
            self.transport.resume_reading()
            super().data_received(data)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand over to the WebSocket's protocol, which has its own time-outs."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong with the head of a request, in our form."""
        error = sys.exc_info()[1]
        status = getattr(error, "error_status_hint", 400)
        self._refuse(status if status in PHRASES else 400, str(error) if error else msg)

    def _look(self) -> None:
        """Cut the connection when its client is too slow in sending or in taking."""
        now = self.loop.time()
        if self.conn.their_state is h11.IDLE and self.conn.our_state is h11.IDLE:
            is_calm = self._waits or self.timeout_keep_alive_task is not None
            if not is_calm and now - self._since > self.rules.receive_s:
                self._refuse(408, f"the request did not come within {self.rules.receive_s:g} s")
                return
        left = self.transport.get_write_buffer_size()
        if left == 0 or left != self._left:
            self._stuck, self._left = (None if left == 0 else now), left
        elif self._stuck is not None and now - self._stuck > self.rules.send_s:
            self.transport.abort()
            return
        self._watch = self.loop.call_later(LOOK_S, self._look)

    def _refuse(self, status: int, message: str) -> None:
        if self.transport.is_closing():
            return
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()  # an answer has begun: it cannot be taken back
            return
        identity = secrets.token_hex(8)
        body = {"code": PHRASES[status], "message": message, "request_id": identity}
        data = json.dumps(body).encode()
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(data))),
            ("x-request-id", identity),
            ("x-content-type-options", "nosniff"),
            ("connection", "close"),
        ]
        if status == 503:
            headers.append(("retry-after", "1"))
        events: tuple[Any, ...] = (
            h11.Response(status_code=status, headers=headers, reason=PHRASES[status].encode()),
            h11.Data(data=data),
            h11.EndOfMessage(),
        )
        send: Callable[[Any], bytes | None] = self.conn.send
        self.transport.write(b"".join(send(event) or b"" for event in events))
        self.transport.close()
