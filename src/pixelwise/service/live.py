"""The live page's WebSocket: frames in, soft masks out, always of the newest frame.

A message of the page is four bytes (the frame's number, little endian) and a picture file; one of
the service is the number, two bytes width, two bytes height, and one byte a pixel: how much of it
is foreground. The page blends, so that the picture itself crosses the wire once and small. A mask
of no size says that all workers are busy with other requests.
"""

import asyncio
import json
import struct
from contextlib import suppress
from dataclasses import replace

from starlette.websockets import WebSocket, WebSocketDisconnect

from pixelwise.convert import to_foreground
from pixelwise.core import Task
from pixelwise.drawing.compositing import alpha_levels
from pixelwise.errors import PixelwiseError
from pixelwise.io.limits import MEGA, SERVER
from pixelwise.service.asking import Ask, read_picture, segmented
from pixelwise.service.desk import Desk, desk_of
from pixelwise.service.refusals import Refusal, refusal_of

__all__ = ["live", "soft_mask"]

LIMITS = replace(SERVER, pixels=4 * MEGA, frames=1)
NUMBER = struct.Struct("<I")
HEAD = struct.Struct("<IHH")
IDLE_S = 60.0
"""A page that sends nothing for so long is let go."""
UNWANTED, POLICY, FULL = 1003, 1008, 1013
"""Closing codes: text where bytes belong, a client that breaks the rules, come again later."""


def soft_mask(ask: Ask, data: bytes) -> tuple[int, int, bytes]:
    """Return width, height and levels (one byte a pixel) of the foreground in a picture file."""
    levels = alpha_levels(to_foreground(segmented(ask, read_picture(data, LIMITS))))
    return levels.shape[1], levels.shape[0], levels.tobytes()


async def live(socket: WebSocket) -> None:
    """Answer the frames of one page; ``?model=NAME`` or ``?method=NAME`` chooses what segments."""
    desk = desk_of(socket)
    await socket.accept()
    if desk.streams >= desk.settings.streams:
        await socket.close(FULL, "too many live pages; try again later")
        return
    desk.streams += 1
    try:
        await _Stream(socket, desk).run()
    except PixelwiseError as error:
        await _refused(socket, refusal_of(error))
    except Refusal as refusal:
        await _refused(socket, refusal)
    except TimeoutError:
        await _refused(socket, Refusal(408, "nothing came, or nothing was taken, for too long"))
    except WebSocketDisconnect:
        return
    finally:
        desk.streams -= 1


async def _refused(socket: WebSocket, refusal: Refusal) -> None:
    body = {"code": refusal.code, "message": refusal.message}
    with suppress(RuntimeError, WebSocketDisconnect):  # it may have left meanwhile
        await socket.send_text(json.dumps(body))
        await socket.close(POLICY, refusal.code)


class _Stream:
    """One page: a frame that waits, one in work, none behind them."""

    def __init__(self, socket: WebSocket, desk: Desk) -> None:
        self._socket, self._desk = socket, desk
        query = socket.query_params
        method, model = query.get("method") or None, query.get("model") or None
        task = None if method else Task.FOREGROUND
        self._ask = Ask(task=task, method=method, model=model)
        self._frame: bytes | None = None
        self._came = asyncio.Event()

    async def run(self) -> None:
        """Take and answer frames until the page leaves."""
        tasks = [asyncio.create_task(self._take()), asyncio.create_task(self._answer())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()

    async def _take(self) -> None:
        """Keep the newest frame."""
        while True:
            async with asyncio.timeout(IDLE_S):
                message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1000))
            data = message.get("bytes")
            if data is None or len(data) <= NUMBER.size:
                await self._socket.close(UNWANTED, "expected a number and a picture, as bytes")
                return
            if self._frame is not None:
                self._desk.meters.frames_late.inc()
            self._frame = data
            self._came.set()

    async def _answer(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            data, self._frame = self._frame, None
            if data is None:
                continue
            number = NUMBER.unpack_from(data)[0]
            width, height, levels = await self._mask(data[NUMBER.size :])
            self._desk.meters.frames.inc()
            async with asyncio.timeout(self._desk.settings.send_s):
                await self._socket.send_bytes(HEAD.pack(number, width, height) + levels)

    async def _mask(self, picture: bytes) -> tuple[int, int, bytes]:
        try:
            mask: tuple[int, int, bytes] = await self._desk.pool.run(soft_mask, self._ask, picture)
        except Refusal as refusal:
            if refusal.status_code != 503:
                raise
            return 0, 0, b""
        return mask
