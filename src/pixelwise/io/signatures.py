"""What a file is, from its first bytes: the content decides, not the suffix."""

from dataclasses import dataclass

__all__ = ["HEAD", "Signature", "signature_of"]

HEAD = 4096
"""Bytes that are looked at."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A known beginning of a file.

    Args:
        name: The format, for people.
        magic: Bytes that stand at ``offset``.
        offset: Where they stand.
        suffix: Row of FORMATS that reads it; empty: known, and refused.
    """

    name: str
    magic: bytes
    offset: int = 0
    suffix: str = ""

    def fits(self, head: bytes) -> bool:
        """Whether ``head``, the first bytes of a file, begin so."""
        return head.startswith(self.magic, self.offset)


KNOWN = (
    Signature("PNG", b"\x89PNG\r\n\x1a\n", suffix=".png"),
    Signature("JPEG", b"\xff\xd8\xff", suffix=".jpg"),
    Signature("GIF", b"GIF87a", suffix=".gif"),
    Signature("GIF", b"GIF89a", suffix=".gif"),
    Signature("WebP", b"WEBP", 8, suffix=".webp"),
    Signature("TIFF", b"II*\0", suffix=".tif"),
    Signature("TIFF", b"MM\0*", suffix=".tif"),
    Signature("TIFF", b"II+\0", suffix=".tif"),
    Signature("TIFF", b"MM\0+", suffix=".tif"),
    Signature("BMP", b"BM", suffix=".bmp"),
    Signature("AVIF", b"ftypavif", 4, suffix=".avif"),
    Signature("AVIF", b"ftypavis", 4, suffix=".avif"),
    *(
        Signature("HEIF", b"ftyp" + brand, 4, suffix=".heic")
        for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
    ),
    Signature("DICOM", b"DICM", 128, suffix=".dcm"),
    Signature("NIfTI", b"n+1\0", 344, suffix=".nii"),
    Signature("NIfTI", b"n+2\0", 4, suffix=".nii"),
    Signature("NRRD", b"NRRD000", suffix=".nrrd"),
    Signature("PDF", b"%PDF"),
    Signature("PostScript", b"%!PS"),
    Signature("EPS", b"\xc5\xd0\xd3\xc6"),
    Signature("PSD", b"8BPS"),
    Signature("ICO", b"\0\0\1\0"),
    Signature("CUR", b"\0\0\2\0"),
    Signature("ICNS", b"icns"),
    Signature("JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n"),
    Signature("JPEG 2000", b"\xff\x4f\xff\x51"),
    Signature("JPEG XL", b"\xff\x0a"),
    Signature("JPEG XL", b"\0\0\0\x0cJXL \r\n\x87\n"),
    Signature("FLI", b"\x11\xaf", 4),
    Signature("FLI", b"\x12\xaf", 4),
    Signature("BLP", b"BLP1"),
    Signature("BLP", b"BLP2"),
    Signature("DDS", b"DDS "),
    Signature("SGI", b"\x01\xda"),
    Signature("PCX", b"\x0a\x05\x01"),
    Signature("ZIP", b"PK\x03\x04"),
    Signature("gzip", b"\x1f\x8b"),
)
"""Later rows never hide earlier ones; a new format adds its own."""

MARKUP = ((b"<svg", "SVG"), (b"<!doctype html", "HTML"), (b"<html", "HTML"), (b"<?xml", "XML"))


def signature_of(head: bytes) -> Signature | None:
    """Return what the first bytes of a file say it is, or None.

    Args:
        head: The first ``HEAD`` bytes, or all.

    >>> signature_of(b"GIF89a...").suffix, signature_of(b"<svg>").name, signature_of(b"abc")
    ('.gif', 'SVG', None)
    """
    found = next((row for row in KNOWN if row.fits(head)), None)
    if found is not None:
        return found
    text = head[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not text.startswith(b"<"):
        return None
    return next((Signature(name, mark) for mark, name in MARKUP if mark in text), None)
