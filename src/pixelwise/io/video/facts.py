"""What is known of a video before and after its pictures were read."""

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Damage", "VideoFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """What the head of a video file says.

    Args:
        width: Columns of the upright picture.
        height: Rows of the upright picture.
        rate: Pictures a second on average; 0: unknown.
        count: Pictures, as the head or the duration say; 0: unknown. Never trusted.
        time_base: Seconds of one tick of the time stamps.
        codec: libav's name of the codec.
        has_audio: Whether there is sound.
    """

    width: int
    height: int
    rate: Fraction
    count: int
    time_base: Fraction
    codec: str
    has_audio: bool


@dataclass(frozen=True, slots=True)
class Damage:
    """One picture that was not what the camera saw.

    Args:
        frame: Its number, from 0.
        time_s: When it is shown.
        why: What the decoder said, or ``"follows a damaged frame"``.
    """

    frame: int
    time_s: float
    why: str
