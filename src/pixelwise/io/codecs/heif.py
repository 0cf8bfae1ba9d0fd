"""HEIF and HEIC, which phones write: libheif through the extra ``heif``."""

import io

from pillow_heif.as_plugin import HeifImageFile

from pixelwise.io.codecs.avif import check_items, decode_opened
from pixelwise.io.codecs.raw import DECODER_ERRORS, Raw, corrupt
from pixelwise.io.format import Reading

__all__ = ["decode_heif"]

KIND = "HEIF"


def decode_heif(data: bytes, rules: Reading) -> Raw:
    """Return the main picture of a HEIF file.

    Raises:
        InputError: Damaged.
        LimitError: Too large.
    """
    check_items(data, KIND, rules.limits)
    try:
        with HeifImageFile(io.BytesIO(data)) as picture:
            return decode_opened(picture, KIND, rules.limits)
    except DECODER_ERRORS as error:
        raise corrupt(KIND, error) from error
