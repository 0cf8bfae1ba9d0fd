"""Addresses as sources: RTSP and HTTP streams, with a deadline on progress and no way round."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from socket import create_connection
from typing import IO, Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import av
import av.error

from pixelwise.core import Image
from pixelwise.errors import InputError
from pixelwise.io.limits import Limits
from pixelwise.io.video.colours import ToRgb
from pixelwise.io.video.containers import DEMUXERS
from pixelwise.io.video.damage import unlogged
from pixelwise.io.video.opening import PICTURES_AT_ONCE, explained, video_stream

__all__ = ["SCHEMES", "Stream"]

SCHEMES = {
    "rtsp": "rtsp,rtp,tcp,udp",
    "rtsps": "rtsp,rtp,tcp,udp,tls,crypto",
    "rtmp": "rtmp,tcp",
    "udp": "udp",
    "tcp": "tcp",
    "http": "",
    "https": "",
}
"""Scheme -> libav's protocols that it needs; HTTP is read by Python, which follows nothing."""
RTSP_PORT = 554
HEAD = 1024
"""Bytes in which the first line of an answer stands."""
PROBED = 1 << 20
"""Bytes that are looked at to find out what a stream is."""


class Stream:
    """A source: a live stream, until it ends or nothing comes for a while.

    The address is opened as it is: redirects are refused, and playlists, since they can lead
    anywhere, also to this machine's own network.

    Args:
        address: ``rtsp://``, ``http://``, ...
        patience_s: Most seconds without progress, also while it is opened.
        limits: What its pictures may ask for.
    """

    def __init__(self, address: str, patience_s: float = 5.0, limits: Limits | None = None) -> None:
        self.name = _shown(address)
        self._address, self._patience_s = address, patience_s
        self._limits = limits or Limits()
        if urlsplit(address).scheme not in SCHEMES:
            raise InputError(f"{self.name}: expected one of {', '.join(SCHEMES)}", reason="scheme")

    def __iter__(self) -> Iterator[Image]:
        """Yield pictures as they come.

        Raises:
            InputError: Nothing can be had there, or nothing came for ``patience_s``.
        """
        unlogged()
        convert = ToRgb()
        with self._timely(), self._opened() as container, explained(self.name):
            stream = video_stream(container, self.name)
            context = stream.codec_context
            self._limits.check(context.width, context.height, 3, copies=PICTURES_AT_ONCE)
            context.thread_count = 1  # more of them hold pictures back
            for packet in container.demux(stream):
                for frame in _frames(packet):
                    yield convert(frame)

    @contextmanager
    def _timely(self) -> Iterator[None]:
        try:
            yield
        except InputError as error:
            if isinstance(error.__cause__, av.error.ExitError | TimeoutError):
                why = f"{self.name}: nothing came for {self._patience_s:g} s"
                raise InputError(why, reason="lost") from error
            raise

    def _opened(self) -> Any:  # noqa: ANN401 - libav's container
        scheme = urlsplit(self._address).scheme
        limits = {"format_whitelist": f"{DEMUXERS},rtsp,mpjpeg,rtp", "probesize": str(PROBED)}
        limits["max_pixels"] = str(self._limits.pixels)
        with explained(self.name):
            if not SCHEMES[scheme]:
                return av.open(
                    _response(self._address, self.name, self._patience_s), options=limits
                )
            if scheme == "rtsp":
                _check_stays(self._address, self.name, self._patience_s)
            options = {**limits, "protocol_whitelist": SCHEMES[scheme], "rtsp_transport": "tcp"}
            return av.open(self._address, options=options, timeout=self._patience_s)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing."""


def _response(address: str, name: str, patience_s: float) -> IO[bytes]:
    """Return the open body; Python caps the headers, and each read has a deadline."""
    request = Request(address, headers={"User-Agent": "pixelwise"})  # noqa: S310 - schemes checked
    try:
        answer = build_opener(_NoRedirect).open(request, timeout=patience_s)
    except HTTPError as error:
        moved = error.code in (301, 302, 303, 307, 308)
        why = "it redirects elsewhere, which is not followed" if moved else error.reason
        raise InputError(f"{name}: {error.code}: {why}", reason="http") from error
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise InputError(f"{name}: no answer: {error}", reason="http") from error
    return cast("IO[bytes]", answer)


def _check_stays(address: str, name: str, patience_s: float) -> None:
    """Ask an RTSP server for what it plays: libav would go wherever it is sent instead.

    Raises:
        InputError: It does not answer, or sends elsewhere.
    """
    parts = urlsplit(address)
    place = (parts.hostname or "", parts.port or RTSP_PORT)
    asked = f"DESCRIBE {name} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
    try:
        with create_connection(place, patience_s) as line:
            line.sendall(asked.encode())
            status = line.recv(HEAD).split(b"\r\n", 1)[0].split(b" ")
    except OSError as error:
        raise InputError(f"{name}: no answer: {error}", reason="lost") from error
    if len(status) > 1 and status[1].startswith(b"3"):
        raise InputError(f"{name}: it redirects elsewhere, which is not followed", reason="http")


def _frames(packet: Any) -> list[Any]:  # noqa: ANN401
    """Return the pictures of a packet; a damaged one gives none, the stream goes on."""
    try:
        return list(packet.decode())
    except av.error.InvalidDataError:
        return []


def _shown(address: str) -> str:
    """Return the address without user and password.

    >>> _shown("rtsp://me:secret@host/live")
    'rtsp://host/live'
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"
