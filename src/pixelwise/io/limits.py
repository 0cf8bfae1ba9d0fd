"""How much one input may ask for, checked before anything is allocated."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from pixelwise.errors import LimitError

__all__ = ["SERVER", "Limits"]

MEGA = 1_000_000
MEBI = 1024 * 1024
SMALL = 256 * MEBI
"""Below this the free memory is not looked up."""
SHARE = 0.9
"""Share of the free memory that one picture may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one picture may ask for.

    Args:
        pixels: Most pixels of a picture.
        memory: Most bytes that decoding may need, and never more than the machine and the process
            have left; 0: all of that.
        file_bytes: Most bytes of a file that is read whole.
        frames: Most frames of an animation, of which one is read.
        text_bytes: Most bytes of inflated text in a file.
        profile_bytes: Most bytes of a colour profile.

    >>> Limits(pixels=100).check(20, 20, 3)
    Traceback (most recent call last):
    pixelwise.errors.LimitError: a picture of 20 x 20 pixels is over the limit of 100 pixels; ...
    """

    pixels: int = 512 * MEGA
    memory: int = 0
    file_bytes: int = 2048 * MEBI
    frames: int = 10_000
    text_bytes: int = 64 * MEBI
    profile_bytes: int = 4 * MEBI

    def check(self, width: int, height: int, pixel_bytes: int, copies: float = 2.0) -> None:
        """Refuse a picture that is too large, from its header alone.

        Args:
            width: Columns.
            height: Rows.
            pixel_bytes: Bytes of one decoded pixel.
            copies: How many times the decoded picture is in memory at the peak.

        Raises:
            LimitError: It has too many pixels or would need too much memory.
        """
        size = f"a picture of {width} x {height} pixels"
        if width * height > self.pixels:
            raise LimitError(
                f"{size} is over the limit of {self.pixels} pixels; raise the limit, "
                "or work on it by tiles with `pixelwise map`"
            )
        needed = int(width * height * pixel_bytes * copies)
        room = free_memory() if needed > SMALL else SMALL
        free = min(self.memory, room) if self.memory else room
        if needed > free:
            raise LimitError(
                f"{size} needs {needed // MEBI} MiB to decode and {free // MEBI} MiB are allowed; "
                "raise the limit, or work on it by tiles with `pixelwise map`"
            )

    def check_frames(self, count: int) -> None:
        """Refuse an animation with too many frames.

        Raises:
            LimitError: It has more than ``frames``.
        """
        if count > self.frames:
            raise LimitError(f"the animation has over {self.frames} frames, the limit; cut it")

    def check_profile(self, size: int) -> None:
        """Refuse a colour profile that is too large.

        Raises:
            LimitError: It has more than ``profile_bytes``.
        """
        if size > self.profile_bytes:
            limit = self.profile_bytes
            raise LimitError(f"the colour profile has {size} bytes, over the limit of {limit}")

    def check_text(self, size: int) -> None:
        """Refuse a file whose text inflates beyond ``text_bytes``.

        Raises:
            LimitError: It does.
        """
        if size > self.text_bytes:
            limit = self.text_bytes
            raise LimitError(f"text in the file inflates to over {limit} bytes, the limit")


SERVER = Limits(
    pixels=64 * MEGA, memory=1024 * MEBI, file_bytes=32 * MEBI, frames=60, text_bytes=8 * MEBI
)
"""What a server grants a request of a stranger."""


def free_memory() -> int:
    """Return the bytes that this process may still take, as far as the system tells.

    >>> free_memory() > 0
    True
    """
    free = min(_machine_memory(), _process_memory())
    return int(free * SHARE)


def _machine_memory() -> int:
    table = Path("/proc/meminfo")
    if not table.exists():
        return sys.maxsize
    rows = dict(line.split(":", 1) for line in table.read_text().splitlines() if ":" in line)
    return int(rows["MemAvailable"].split()[0]) * 1024


def _process_memory() -> int:
    """Return what is left below the limit on the address space; no limit: the largest number."""
    table = Path("/proc/self/limits")
    if not table.exists():
        return sys.maxsize
    row = next(line for line in table.read_text().splitlines() if line.startswith("Max address"))
    limit = row.split()[3]
    if limit == "unlimited":
        return sys.maxsize
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return max(int(limit) - pages * os.sysconf("SC_PAGE_SIZE"), 1)
