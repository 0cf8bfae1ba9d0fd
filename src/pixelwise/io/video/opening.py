"""Opening a video file: only that file, and only when its size is within the limits."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import av.container
import av.error
import av.logging

from pixelwise.errors import InputError, LimitError
from pixelwise.io.limits import Limits
from pixelwise.io.sources import KINDS, REASONS, shown
from pixelwise.io.video.containers import DEMUXERS
from pixelwise.io.video.damage import unlogged

__all__ = ["explained", "open_video", "video_stream"]

NO_INDEX = "moov atom not found"
REFUSED = re.compile(r"Picture size (\d+)x(\d+)")
"""What libav says of pictures that it does not make room for."""
PICTURES_AT_ONCE = 24
"""Decoded pictures that a decoder keeps for reference, and a few more for the road."""


def open_video(path: Path, limits: Limits) -> "av.container.InputContainer":
    """Return the open container of a regular file.

    Raises:
        InputError: It is missing, no regular file, no video, a playlist, or its index is missing.
        LimitError: Its pictures are over the limits.
    """
    name = shown(path)
    _check_file(path, name)
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": DEMUXERS,
        "max_pixels": str(limits.pixels),
    }
    unlogged()
    with explained(name), av.logging.Capture() as said:
        container = av.open(f"file:{path.absolute()}", options=options)
    try:
        _check_size(container, name, limits, " ".join(str(line[2]) for line in said))
    except (InputError, LimitError):
        container.close()
        raise
    return container


def video_stream(container: "av.container.InputContainer", name: str) -> Any:  # noqa: ANN401
    """Return the first stream with moving pictures (a cover is none).

    Raises:
        InputError: There is none.
    """
    for stream in container.streams.video:
        if "attached_pic" not in str(stream.disposition):
            return stream
    raise InputError(f"{name}: there is no video stream in it", reason="no-video")


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what libav raises on reading into our errors.

    Raises:
        InputError: The file or stream cannot be read.
    """
    try:
        yield
    except av.error.FFmpegError as error:
        raise InputError(f"{name}: {_why(error)}", reason="unreadable") from error
    except OSError as error:
        raise InputError(f"{name}: nothing comes any more: {error}", reason="lost") from error
    except (OverflowError, ZeroDivisionError, UnicodeError) as error:
        raise InputError(f"{name}: the head makes no sense: {error}") from error


def _why(error: "av.error.FFmpegError") -> str:
    log = getattr(error, "log", None)
    said = str(log[2]).strip() if log else ""
    if NO_INDEX in said or NO_INDEX in str(error):
        return (
            "no index: the moov atom is missing. Either the recording was cut off before it was "
            "finished (remux it with a tool such as untrunc, which rebuilds the index), or this "
            "is no video"
        )
    if "whitelist" in said:
        return "it names other files or addresses (a playlist); give the video itself"
    reason = error.strerror or type(error).__name__
    return f"it cannot be read as a video: {reason}{f' ({said})' if said else ''}"


def _check_file(path: Path, name: str) -> None:
    try:
        found = path.stat()
        readable = os.access(path, os.R_OK)
    except OSError as error:
        why, reason = REASONS.get(error.errno or 0, (os.strerror(error.errno or 0), "unreadable"))
        raise InputError(f"{name}: {why}", reason=reason) from error
    if not stat.S_ISREG(found.st_mode):
        kind = KINDS.get(stat.S_IFMT(found.st_mode), "no regular file")
        raise InputError(f"{name}: expected a file, this is {kind}", reason="kind")
    if not readable:
        raise InputError(f"{name}: it may not be read by this user", reason="permission")
    if found.st_size == 0:
        raise InputError(f"{name}: the file is empty", reason="empty")


def _check_size(
    container: "av.container.InputContainer", name: str, limits: Limits, said: str
) -> None:
    stream, refused = video_stream(container, name), REFUSED.search(said)
    width, height = stream.codec_context.width, stream.codec_context.height
    if refused is not None:
        width, height = int(refused[1]), int(refused[2])
    if width <= 0 or height <= 0:
        raise InputError(f"{name}: the head gives no size of its pictures", reason="size")
    try:
        limits.check(width, height, 3, copies=PICTURES_AT_ONCE)
    except LimitError as error:
        raise LimitError(f"{name}: {error}") from error
