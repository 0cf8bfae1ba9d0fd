"""What each kind of video file can hold, and how it is written here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pixelwise.errors import OutputError, UnknownName

__all__ = ["CODECS", "CONTAINERS", "DEMUXERS", "Codec", "Container", "codec_of", "container_of"]

DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,gif,apng,asf,mxf,mjpeg,"
    "yuv4mpegpipe,h264,hevc,obu,ivf,webp,mpegvideo"
)
"""Demuxers that open just the one file: no playlists, no concatenations, no picture patterns,
which name other files and addresses."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How pictures are encoded.

    Args:
        name: libav's name of the encoder.
        pixels: libav's pixel format.
        options: Options of the encoder.
        quality: The option that takes the user's quality; empty: it has none.
        usual: Its value when the user gives none.
    """

    name: str
    pixels: str
    options: Mapping[str, str] = field(default_factory=dict)
    quality: str = ""
    usual: int = 0


@dataclass(frozen=True, slots=True)
class Container:
    """One kind of video file.

    Args:
        name: Its name for people.
        muxer: libav's name of it.
        opaque: How pictures without alpha are encoded.
        clear: How pictures with alpha are; None: it cannot hold them.
        audio: Audio codecs that it holds as they are; empty: none.
        speech: The encoder for those that it does not hold; empty: none.
        codecs: Rows of CODECS that it holds.
        is_remuxed: Whether it is written in fragments that survive a crash, and put in the
            usual order when it is done.
    """

    name: str
    muxer: str
    opaque: Codec
    clear: Codec | None = None
    audio: frozenset[str] = frozenset()
    speech: str = ""
    codecs: frozenset[str] = frozenset()
    is_remuxed: bool = False


H264 = Codec(
    "libx264",
    "yuv420p",
    # Without B frames a picture is on the disk soon after it was made, and decoding times are
    # presentation times, so that no edit list has to mend them in a file that was cut.
    # The last two take a quarter of the time away; bytes and likeness stay as they are.
    {"preset": "veryfast", "bf": "0", "subq": "1", "partitions": "i4x4,i8x8"},
    quality="crf",
    usual=20,
)
VP9 = Codec(
    "libvpx-vp9",
    "yuv420p",
    {"deadline": "realtime", "cpu-used": "6", "row-mt": "1", "b": "0", "lag-in-frames": "0"},
    quality="crf",
    usual=30,
)
H265 = Codec(
    "libx265",
    "yuv420p",
    {"preset": "veryfast", "x265-params": "log-level=error:bframes=0"},
    quality="crf",
    usual=24,
)
AV1 = Codec("libsvtav1", "yuv420p", {"preset": "10"}, quality="crf", usual=35)
VP9_CLEAR = Codec(
    VP9.name, "yuva420p", {**VP9.options, "auto-alt-ref": "0"}, quality="crf", usual=24
)
PRORES_4444 = Codec(
    "prores_ks", "yuva444p10le", {"profile": "4444", "alpha_bits": "16", "vendor": "apl0"}
)
PALETTE = Codec("gif", "rgb8")
FFV1_CLEAR = Codec("ffv1", "bgra", {"level": "3", "slicecrc": "1"})

CODECS: Mapping[str, Codec] = {"h264": H264, "h265": H265, "vp9": VP9, "av1": AV1}
"""What people call a codec -> how pictures without alpha are encoded with it."""

MP4_AUDIO = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"})
MOV_AUDIO = MP4_AUDIO - {"flac", "opus"} | {"pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_f32le"}
MKV_AUDIO = MP4_AUDIO | MOV_AUDIO | {"vorbis", "dts", "truehd", "mp2", "pcm_u8"}

ANY = frozenset(CODECS)
MP4 = Container(
    "MP4",
    "mp4",
    H264,
    audio=MP4_AUDIO,
    speech="aac",
    codecs=ANY - {"vp9"},
    is_remuxed=True,
)
MOV = Container(
    "QuickTime",
    "mov",
    H264,
    PRORES_4444,
    MOV_AUDIO,
    "aac",
    frozenset({"h264", "h265"}),
    is_remuxed=True,
)

CONTAINERS: Mapping[str, Container] = {
    ".mp4": MP4,
    ".m4v": MP4,
    ".mov": MOV,
    ".mkv": Container("Matroska", "matroska", H264, FFV1_CLEAR, MKV_AUDIO, "aac", ANY),
    ".webm": Container(
        "WebM",
        "webm",
        VP9,
        VP9_CLEAR,
        frozenset({"opus", "vorbis"}),
        "libopus",
        frozenset({"vp9", "av1"}),
    ),
    ".gif": Container("GIF", "gif", PALETTE),
}
"""Suffix in lower case -> what is written."""


def container_of(path: Path) -> Container:
    """Return the row for the suffix of ``path``.

    Raises:
        OutputError: No video is written with that suffix.

    >>> container_of(Path("a.MP4")).name
    'MP4'
    """
    row = CONTAINERS.get(path.suffix.lower())
    if row is None:
        known = ", ".join(CONTAINERS)
        raise OutputError(f"{path.name}: videos end in {known}; a name with %05d.png is a sequence")
    return row


def codec_of(kind: Container, name: str) -> Codec:
    """Return the row of CODECS of that name, if the container holds it.

    Raises:
        UnknownName: There is no such codec.
        OutputError: The container does not hold it.

    >>> codec_of(container_of(Path("a.mkv")), "h265").name
    'libx265'
    """
    if name not in CODECS:
        raise UnknownName.among("codec", name, CODECS)
    if name not in kind.codecs:
        held = ", ".join(sorted(kind.codecs)) or "its own only"
        raise OutputError(f"{kind.name} does not hold {name}; it holds {held}")
    return CODECS[name]
