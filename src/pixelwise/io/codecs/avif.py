"""AVIF and HEIF: the size from the item properties, then the decoder plugged into Pillow."""

import io
import struct

from PIL import AvifImagePlugin, ImageFile

from pixelwise.errors import InputError
from pixelwise.io.codecs.colours import pixels_of
from pixelwise.io.codecs.ifd import orientation_of
from pixelwise.io.codecs.raw import DECODER_ERRORS, PILLOW_COPIES, Raw, corrupt, truncated
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits

__all__ = ["check_items", "decode_avif", "decode_opened"]

KIND = "AVIF"


def decode_avif(data: bytes, rules: Reading) -> Raw:
    """Return the picture, or the first frame with a note, of an AVIF file.

    Raises:
        InputError: Damaged, or this Pillow was built without AVIF.
        LimitError: Too large.
    """
    if not AvifImagePlugin.SUPPORTED:
        raise InputError(
            "this Pillow was built without AVIF; install the wheel of pillow from the index",
            reason="unsupported",
        )
    check_items(data, KIND, rules.limits)
    try:
        with AvifImagePlugin.AvifImageFile(io.BytesIO(data)) as picture:
            return decode_opened(picture, KIND, rules.limits)
    except DECODER_ERRORS as error:
        raise corrupt(KIND, error) from error


def check_items(data: bytes, kind: str, limits: Limits) -> None:
    """Check the size of every item that an ISO media picture declares, before it is opened.

    Raises:
        InputError: It declares none, or an empty one.
        LimitError: One is too large.
    """
    place, sizes = data.find(b"ispe"), 0
    while place >= 0 and place + 16 <= len(data):
        width, height = struct.unpack_from(">II", data, place + 8)
        if width == 0 or height == 0:
            raise corrupt(kind, f"its header says {width} x {height}")
        limits.check(width, height, 4, PILLOW_COPIES + 1)
        sizes += 1
        place = data.find(b"ispe", place + 16)
    if sizes == 0:
        raise truncated(kind)


def decode_opened(picture: ImageFile.ImageFile, kind: str, limits: Limits) -> Raw:
    """Return the first frame of a picture that was opened; its EXIF says how it lies."""
    profile = picture.info.get("icc_profile")
    limits.check_profile(len(profile or b""))
    limits.check(*picture.size, 4, PILLOW_COPIES + 1)
    frames = getattr(picture, "n_frames", 1)
    limits.check_frames(frames)
    size = picture.size
    picture.load()
    pixels, notes = pixels_of(picture, profile)
    if pixels.shape[1::-1] != size:
        raise corrupt(kind, "header and data disagree about its size")
    if frames > 1:
        notes = (*notes, f"animation: the first of {frames} pictures was read")
    return Raw(pixels, orientation_of(picture.info.get("exif") or b""), notes)
