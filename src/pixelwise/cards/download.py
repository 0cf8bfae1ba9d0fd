"""One file from one address, with patience: resumed, watched for progress, never half accepted."""

import shutil
import time
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from pixelwise.cards.errands import Patience, Progress
from pixelwise.cards.sources import is_loopback
from pixelwise.errors import ModelError, OutputError

__all__ = ["download"]

_CHUNK = 1 << 16
_PASSING = (408, 425, 429)


class _Interrupted(Exception):
    """A failure that another attempt may mend; ``weight``: how much it counts."""

    def __init__(self, message: str, weight: int = 1) -> None:
        super().__init__(message)
        self.weight = weight


class _Redirects(HTTPRedirectHandler):
    """Follows redirects to https only; this machine may redirect to itself."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        here, there = urlsplit(req.full_url), urlsplit(newurl)
        local = is_loopback(here.hostname or "") and is_loopback(there.hostname or "")
        if there.scheme != "https" and not (local and there.scheme == "http"):
            raise ModelError(f"{req.full_url} leads to {newurl}, which is not an https address")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(
    url: str, into: Path, *, size: int, patience: Patience, progress: Progress | None = None
) -> None:
    """Write what stands at ``url`` to the file ``into``; what is already in it is kept and resumed.

    The bytes are not judged here: the caller checks the hash.

    Args:
        url: https address.
        into: File to append to.
        size: Bytes that it must have in the end; 0: as the server says.
        patience: How long it is waited for.
        progress: Told about each piece.

    Raises:
        ModelError: The server has no such file, answers with a web page or with more bytes than
            there should be, or does not answer in time again and again.
        OutputError: The disk is full or cannot be written.
    """
    failures = 0
    while True:
        before = _length(into)
        try:
            _attempt(url, into, size, patience, progress)
        except _Interrupted as error:
            gained = _length(into) - before
            failures = 1 if gained >= patience.least_bytes else failures + error.weight
            if failures >= patience.attempts:
                raise ModelError(f"{error}; given up after several attempts") from error
            time.sleep(min(patience.pause_s * 2 ** (failures - 1), 8.0))
        else:
            return


def _attempt(
    url: str, into: Path, size: int, patience: Patience, progress: Progress | None
) -> None:
    have = _length(into)
    if size and have == size:
        return
    if size and have > size:
        into.unlink()
        have = 0
    try:
        with _open(url, have, patience) as answer:
            _receive(answer, into, _Target(url, have, size), patience, progress)
    except HTTPError as error:
        _judge_status(error, into)
    except URLError as error:
        raise _Interrupted(f"no answer: {error.reason}", weight=2) from error
    except (HTTPException, OSError) as error:
        raise _Interrupted(f"the connection broke: {error}") from error


def _open(url: str, have: int, patience: Patience) -> HTTPResponse:
    headers = {"User-Agent": "pixelwise", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    timeout = min(patience.connect_s, patience.stall_s)
    request = Request(url, headers=headers)  # noqa: S310 - the scheme was checked by the source
    return cast("HTTPResponse", _opener(url).open(request, timeout=timeout))


def _opener(url: str) -> OpenerDirector:
    proxies = ProxyHandler({}) if is_loopback(urlsplit(url).hostname or "") else ProxyHandler()
    return build_opener(proxies, HTTPHandler, HTTPSHandler, _Redirects)


def _judge_status(error: HTTPError, into: Path) -> None:
    if error.code == 416:  # what is here does not fit to what is there
        into.unlink(missing_ok=True)
        raise _Interrupted("the server refused to resume") from error
    if error.code < 500 and error.code not in _PASSING:
        raise ModelError(f"the server answered {error.code} {error.reason}") from error
    raise _Interrupted(f"the server answered {error.code} {error.reason}") from error


@dataclass(frozen=True, slots=True)
class _Target:
    url: str
    have: int
    size: int


def _receive(
    answer: HTTPResponse,
    into: Path,
    target: _Target,
    patience: Patience,
    progress: Progress | None,
) -> None:
    resumed = answer.status == 206 and _begins_at(answer, target.have)
    start = target.have if resumed else 0
    declared = int(answer.headers.get("Content-Length") or 0)
    total = target.size or (start + declared if declared else 0)
    most = target.size or patience.most_bytes
    if not total and not answer.headers.get("Transfer-Encoding"):
        raise ModelError("the server does not say how long the file is, so a half would pass")
    with _opened(into, resumed=resumed, needed=total - start) as file:
        watch = _Watch(patience)
        here = start
        for piece in iter(lambda: answer.read1(_CHUNK), b""):
            if here == 0 and piece.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
                raise ModelError("the server answered with a web page instead of the file")
            here += _write(file, piece)
            if here > most:
                raise ModelError(f"the server sends more than the {most} bytes that are expected")
            watch.saw(len(piece))
            if progress is not None:
                progress(here, total or None)
    if total and here < total:
        raise _Interrupted(f"the connection ended after {here} of {total} bytes")


def _opened(into: Path, *, resumed: bool, needed: int) -> BinaryIO:
    try:
        free = shutil.disk_usage(into.parent).free
        if free < needed:
            raise OutputError(f"{needed} bytes are needed in {into.parent}, {free} are free")
        return into.open("ab" if resumed else "wb")
    except OSError as error:
        raise OutputError(f"{into.parent} cannot be written: {error}") from error


def _write(file: BinaryIO, piece: bytes) -> int:
    try:
        return file.write(piece)
    except OSError as error:
        raise OutputError(f"{file.name} cannot be written: {error}") from error


def _begins_at(answer: HTTPResponse, have: int) -> bool:
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {have}-")


class _Watch:
    """Notices a connection that is open but brings next to nothing."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._since = time.monotonic()
        self._bytes = 0

    def saw(self, count: int) -> None:
        """Take note of ``count`` bytes."""
        self._bytes += count
        waited = time.monotonic() - self._since
        if self._bytes >= self._patience.least_bytes:
            self._since, self._bytes = time.monotonic(), 0
        elif waited > self._patience.stall_s:
            raise _Interrupted(f"only {self._bytes} bytes came in {waited:.0f} s")


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
