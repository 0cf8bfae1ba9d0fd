"""A video file as a sink: times kept, sound carried over, playable even if the work is cut off."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import av.error
import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Result
from pixelwise.errors import OutputError
from pixelwise.io.atomic import replacing
from pixelwise.io.sources import shown
from pixelwise.io.video.colours import FromRgb
from pixelwise.io.video.containers import Codec, Container, codec_of, container_of
from pixelwise.io.video.damage import unlogged
from pixelwise.io.video.facts import VideoFacts
from pixelwise.io.video.finishing import finish
from pixelwise.io.video.fitting import boxed
from pixelwise.io.video.palette import FromRgbByPalette
from pixelwise.io.video.sound import Sound
from pixelwise.ops.planar import Planar

__all__ = ["VideoWriter"]

USUAL_RATE = Fraction(30)
USUAL_BASE = Fraction(1, 90_000)
FRAGMENT_US = 500_000
"""A fragment holds no more than half a second; what the encoder holds back comes on top."""
KEY_EVERY_S = 2
LOOK_AHEAD_S = 0.25
THREADS = 2
"""Threads of the encoder. Fixed, since what it writes depends on it."""


class VideoWriter:
    """A sink: a video file by its suffix, see CONTAINERS; RGBA pictures keep their alpha.

    While it is written it is called ``<stem>.part<suffix>`` and can be played up to the last
    second, whatever happens; when the ``with`` block ends, also by Ctrl-C, it gets its name.
    After another error the part stays under the name of the part.

    Args:
        path: Where.
        like: The video whose times and rate it takes over.
        sound: The file whose sound it gets.
        quality: The encoder's quality, smaller is better (CRF); None: its usual one.
        codec: A row of CODECS; None: the usual one for that suffix.

    Raises:
        OutputError: No video is written with that suffix, or not with that codec.
        UnknownName: There is no such codec.
    """

    def __init__(
        self,
        path: Path,
        *,
        like: VideoFacts | None = None,
        sound: Path | None = None,
        quality: int | None = None,
        codec: str | None = None,
    ) -> None:
        self.path = Path(path)
        self.kind: Container = container_of(self.path)
        self._codec = None if codec is None else codec_of(self.kind, codec)
        self.part = self.path.with_name(f"{self.path.stem}.part{self.path.suffix}")
        self.notes: list[str] = []
        self.written = 0
        self._rate = (like.rate if like else None) or USUAL_RATE
        self._base = Fraction(1, like.time_base.denominator) if like else USUAL_BASE
        self._sound_path, self._quality = sound, quality
        self._film: _Film | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, image: Image, result: Result) -> None:  # noqa: ARG002 - the port's shape
        """Encode one picture; its ``space.time_s`` is when it is shown.

        Raises:
            OutputError: The container cannot hold it, or the system refuses to write.
        """
        with self._explained():
            if self._film is None:
                self._film = self._open(image)
            self._film.add(image)
        self.written += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        film, self._film = self._film, None
        if film is None:
            return
        with self._explained():
            self.notes += film.close()
        if kind is None or not issubclass(kind, Exception):
            self._finish(film)

    def _finish(self, film: "_Film") -> None:
        with self._explained():
            if self.kind.is_remuxed:
                copied = self._sound_path if film.is_copied else None
                finish(self.part, self.path, self.kind, film.start_s, copied)
            else:
                with replacing(self.path) as whole:
                    self.part.replace(whole)
        with suppress(OSError):
            self.part.unlink(missing_ok=True)

    def _open(self, image: Image) -> "_Film":
        has_alpha = image.channels == 4
        codec = self.kind.clear if has_alpha else self._codec or self.kind.opaque
        if has_alpha and self._codec is not None:
            raise OutputError("a codec is chosen for pictures without alpha; these have alpha")
        if codec is None:
            raise OutputError(
                f"{shown(self.path.name)}: {self.kind.name} has no alpha; write .webm, .mov, .mkv "
                "or frame_%05d.png"
            )
        if codec.name not in av.codecs_available:
            raise OutputError(f"this build of libav has no {codec.name}; take another codec")
        os.environ.setdefault("SVT_LOG", "1")  # the only way to keep that encoder from chatting
        quality = self.quality_of(codec)
        return _Film(self, codec, image, quality)

    def quality_of(self, codec: Codec) -> dict[str, str]:
        """Return the encoder's options with the quality asked for."""
        options = dict(codec.options)
        if codec.quality:
            options[codec.quality] = str(codec.usual if self._quality is None else self._quality)
        return options

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (av.error.FFmpegError, OSError) as error:
            code = getattr(error, "errno", None) or 0
            why = os.strerror(code) if 0 < code < 200 else str(error)
            name = shown(self.path)
            raise OutputError(f"{name}: cannot be written: {why}") from error

    @property
    def rate(self) -> Fraction:
        """Pictures a second, on average."""
        return self._rate

    @property
    def time_base(self) -> Fraction:
        """Seconds of one tick."""
        return Fraction(1, 100) if self.kind.muxer == "gif" else self._base

    @property
    def sound(self) -> Path | None:
        """The file whose sound it gets."""
        return self._sound_path


class _Film:
    """One open output: a video stream, and the sound that goes with it."""

    def __init__(
        self, writer: VideoWriter, codec: Codec, image: Image, options: dict[str, str]
    ) -> None:
        unlogged()
        height, width = image.height, image.width
        self._size = (height, width)
        halved = "420" in codec.pixels
        self._padded = (height + height % 2, width + width % 2) if halved else self._size
        self._base = writer.time_base
        self._is_gif = writer.kind.muxer == "gif"
        self._notes: list[str] = []
        self._last: int | None = None
        self.start_s = 0.0
        self._output = av.open(
            str(writer.part), "w", format=writer.kind.muxer, options=_muxing(writer.kind)
        )
        self._convert = (
            FromRgbByPalette(self._padded) if self._is_gif else FromRgb(codec.pixels, self._padded)
        )
        self._stream: Any = self._output.add_stream(codec.name, rate=writer.rate, options=options)
        self._set_up(codec, writer.rate)
        self._sound = (
            Sound(writer.sound, writer.kind, self._output) if writer.sound is not None else None
        )

    @property
    def is_copied(self) -> bool:
        """Whether the sound goes over as it is."""
        return self._sound is not None and self._sound.is_copied

    def add(self, image: Image) -> None:
        """Encode one picture, after the sound that comes before it."""
        frame = self._encodable(image)
        time_s = image.space.time_s
        if time_s is None:
            time_s = (self._last + 1) * float(self._base) if self._last is not None else 0.0
        ticks = round(time_s / self._base)
        if self._last is None:
            self.start_s = float(ticks * self._base)
        else:
            ticks = max(ticks, self._last + 1)
        self._last = ticks
        frame.pts, frame.time_base = ticks, self._base
        frame.pict_type = 0
        if self._sound is not None:
            self._output.mux(list(self._sound.up_to(time_s)))
        self._output.mux(self._stream.encode(frame))

    def close(self) -> list[str]:
        """Encode what is held back, write the rest, and return what is worth saying."""
        try:
            self._output.mux(self._stream.encode(None))
            if self._sound is not None:
                self._output.mux(list(self._sound.rest()))
                self._notes += self._sound.notes
        finally:
            if self._sound is not None:
                self._sound.close()
            self._output.close()
        return self._notes

    def _set_up(self, codec: Codec, rate: Fraction) -> None:
        context = self._stream.codec_context
        context.height, context.width = self._padded
        context.pix_fmt = codec.pixels if not self._is_gif else "pal8"
        context.time_base = self._base
        context.thread_count = THREADS
        if codec.quality:
            context.gop_size = max(1, round(rate * KEY_EVERY_S))
        if codec.name == "libx264":
            ahead = min(10, int(rate * Fraction(LOOK_AHEAD_S)))
            context.options = {**context.options, "rc-lookahead": str(ahead)}
        if isinstance(self._convert, FromRgb) and self._convert.tags is not None:
            matrix, primaries, transfer = self._convert.tags
            context.colorspace, context.color_primaries = matrix, primaries
            context.color_trc, context.color_range = transfer, 1

    def _encodable(self, image: Image) -> "av.VideoFrame":
        plane, convert = image.plane, self._convert
        fits = image.size == self._size == self._padded
        if (
            fits
            and isinstance(plane, Planar)
            and isinstance(convert, FromRgb)
            and convert.takes(plane)
        ):
            return convert(plane)
        return convert(self._fitted(image.pixels))

    def _fitted(self, pixels: NDArray[Any]) -> NDArray[np.uint8]:
        """Return pixels of the size of the first picture, and of an even one."""
        if pixels.shape[:2] != self._size:
            self._say("the size changes on the way: later frames are fitted into the first size")
            pixels = boxed(pixels, self._size)
        if self._padded == self._size:
            return np.asarray(pixels, np.uint8)
        self._say(f"odd sizes cannot be encoded: padded to {self._padded[1]} x {self._padded[0]}")
        rows, columns = (new - old for new, old in zip(self._padded, self._size, strict=True))
        edge = cv2.copyMakeBorder(pixels, 0, rows, 0, columns, cv2.BORDER_REPLICATE)
        return np.asarray(edge, np.uint8)

    def _say(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)


def _muxing(kind: Container) -> dict[str, str]:
    flush = {"flush_packets": "1"}
    if kind.muxer in ("matroska", "webm"):
        return {**flush, "cluster_time_limit": str(FRAGMENT_US // 1000)}
    if not kind.is_remuxed:
        return flush
    # The head waits for the first fragment, since it holds when the tracks begin.
    flags = "+delay_moov+default_base_moof+frag_keyframe"
    return {**flush, "movflags": flags, "frag_duration": str(FRAGMENT_US)}
