"""The picture formats: PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF and HEIF."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from pixelwise.core import Foreground, Image, Panoptic, Regions, Semantic
from pixelwise.errors import InputError, LimitError
from pixelwise.io import encoders
from pixelwise.io.codecs import CODECS
from pixelwise.io.codecs.upright import upright
from pixelwise.io.format import Format, Reading, Thing
from pixelwise.io.signatures import HEAD, Signature, signature_of
from pixelwise.io.sources import shown

__all__ = ["AVIF", "BMP", "GIF", "HEIF", "JPEG", "PNG", "TIFF", "WEBP", "Picture"]

READABLE = "PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF, HEIF"


class Picture(Format):
    """A picture format. The content of a file decides how it is read, not its name.

    Args:
        name: Its name, as in the table of signatures.
        suffixes: The endings of its files.
        encoders: What it can hold, and how that becomes bytes.
    """

    reads = (Image,)

    def __init__(
        self,
        name: str,
        suffixes: tuple[str, ...],
        encoders: Mapping[type[Thing], Callable[[Any], bytes]],
    ) -> None:
        self.name = name
        self.suffixes = suffixes
        self.writes = tuple(encoders)
        self._encoders = encoders

    def decode(self, data: bytes, *, name: str, rules: Reading) -> Image:
        """Return the picture in ``data``: upright, sRGB, with notes on what was odd.

        Args:
            data: The bytes of a file in any picture format.
            name: Its name, for messages.
            rules: How to read.

        Raises:
            InputError: No picture, damaged, cut, or in a format that is refused.
            LimitError: It asks for too much.
            MissingExtra: Its format needs an extra.
        """
        try:
            signature = _signature(data)
            raw = CODECS[signature.name](data, rules)
            pixels = upright(raw.pixels, raw.orientation)
        except InputError as error:
            raise InputError(f"{shown(name)}: {error}", reason=error.reason) from error
        except LimitError as error:
            raise LimitError(f"{shown(name)}: {error}") from error
        except MemoryError as error:
            raise LimitError(f"{shown(name)}: there is too little memory for it") from error
        return Image(pixels, notes=raw.notes + self._suffix_note(name, signature))

    def encode(self, thing: Thing) -> bytes:
        """Return ``thing`` as the bytes of a file of this format.

        Raises:
            OutputError: The format cannot hold it.
        """
        for kind, encoder in self._encoders.items():
            if isinstance(thing, kind):
                return encoder(thing)
        return super().encode(thing)

    def _suffix_note(self, name: str, signature: Signature) -> tuple[str, ...]:
        suffix = PurePath(name).suffix.lower()
        if signature.name == self.name and suffix in (*self.suffixes, ""):
            return ()
        return (f"suffix: the name ends in {shown(suffix)}, the content is {signature.name}",)


def _signature(data: bytes) -> Signature:
    """Return the picture format of ``data``.

    Raises:
        InputError: There is none, or it is refused.
    """
    if not data:
        raise InputError("expected a picture, the file is empty", reason="empty")
    signature = signature_of(data[:HEAD])
    if signature is None:
        raise InputError(f"expected a picture ({READABLE}), the content is no known format")
    if signature.name not in CODECS:
        raise InputError(
            f"expected a picture ({READABLE}), this is {signature.name}, which is not read; "
            "convert it first",
            reason="unsupported",
        )
    return signature


PNG = Picture(
    "PNG",
    (".png",),
    {
        Image: encoders.png_image,
        Foreground: encoders.png_mask,
        Semantic: encoders.png_labels,
        Panoptic: encoders.png_segments,
        Regions: encoders.png_segments,
    },
)
TIFF = Picture(
    "TIFF",
    (".tif", ".tiff"),
    {
        Image: encoders.tiff_image,
        Foreground: encoders.tiff_labels,
        Semantic: encoders.tiff_labels,
        Panoptic: encoders.tiff_labels,
        Regions: encoders.tiff_labels,
    },
)
JPEG = Picture("JPEG", (".jpg", ".jpeg"), {Image: encoders.jpeg_image})
WEBP = Picture("WebP", (".webp",), {Image: encoders.webp_image})
BMP = Picture("BMP", (".bmp",), {Image: encoders.bmp_image})
AVIF = Picture("AVIF", (".avif",), {Image: encoders.avif_image})
GIF = Picture("GIF", (".gif",), {})
HEIF = Picture("HEIF", (".heic", ".heif"), {})
