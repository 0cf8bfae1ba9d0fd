"""Colour profiles and array inputs: bad inputs 26, 29, 42 and 43 of the contract."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageCms

from pixelwise.core import Image
from pixelwise.errors import InputError, LimitError
from pixelwise.io.codecs.colours import is_srgb, to_srgb
from pixelwise.io.files import decode, encode

COLOURS = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def s15(value):
    return round(value * 65536).to_bytes(4, "big", signed=True)


def profile(matrix, gamma, *, space=b"RGB "):
    """Return an ICC profile built from its definition: three colorants and one gamma."""
    curve = (
        b"curv" + bytes(4) + (1).to_bytes(4, "big") + int(gamma * 256).to_bytes(2, "big") + bytes(2)
    )
    text = b"desc" + bytes(4) + (5).to_bytes(4, "big") + b"test\0" + bytes(78)
    text += bytes(-len(text) % 4)
    xyz = lambda values: b"XYZ " + bytes(4) + b"".join(s15(value) for value in values)
    white = xyz((0.9642, 1.0, 0.8249))
    tags = {b"desc": text, b"wtpt": white}
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        tags |= {
            name: xyz(column)
            for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix, strict=True)
        }
        tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    offset, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        table += name + (offset + len(body)).to_bytes(4, "big") + len(value).to_bytes(4, "big")
        body += value
    size = offset + len(body)
    head = size.to_bytes(4, "big") + bytes(4) + b"\x02\x20\0\0mntr" + space + b"XYZ " + bytes(12)
    head += b"acsp" + bytes(28) + s15(0.9642) + s15(1.0) + s15(0.8249)
    return head.ljust(128, b"\0") + len(tags).to_bytes(4, "big") + table + body


SRGB_COLUMNS = ((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7142))


def linear_to_srgb(share):
    return np.where(share <= 0.0031308, share * 12.92, 1.055 * share ** (1 / 2.4) - 0.055)


def test_linear_profile_brings_the_right_levels():
    levels = np.array([[[16, 64, 128], [200, 255, 0]]], np.uint8)
    found, notes = to_srgb(levels, profile(SRGB_COLUMNS, 1.0))
    truth = linear_to_srgb(levels / 255) * 255
    assert notes == ()
    assert abs(found.astype(float) - truth).max() <= 3


def test_swapped_primaries_swap_the_channels():
    red, green, blue = SRGB_COLUMNS
    found, _ = to_srgb(COLOURS, profile((green, red, blue), 2.2))
    expected, _ = to_srgb(np.ascontiguousarray(COLOURS[..., [1, 0, 2]]), profile(SRGB_COLUMNS, 2.2))
    assert abs(found.astype(int) - expected).max() <= 2


def test_grey_profile_gives_grey():
    levels = np.array([[0, 64, 128, 255]], np.uint8)
    found, notes = to_srgb(levels, profile((), 1.0, space=b"GRAY"))
    assert notes == ()
    assert found.shape == (1, 4)
    assert abs(found - linear_to_srgb(levels / 255) * 255).max() <= 3


def test_alpha_is_left_alone():
    pixels = np.dstack([COLOURS, np.arange(600).reshape(20, 30) % 256]).astype(np.uint8)
    found, _ = to_srgb(pixels, profile(SRGB_COLUMNS, 1.0))
    assert np.array_equal(found[..., 3], pixels[..., 3])
    assert not np.array_equal(found[..., :3], pixels[..., :3])


def test_srgb_is_known_and_others_are_not():
    assert is_srgb(SRGB)
    assert not is_srgb(profile(SRGB_COLUMNS, 1.0))
    assert not is_srgb(b"rubbish")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_profile_is_applied_in_every_format(kind):
    flat = np.full((16, 16, 3), 64, np.uint8)
    buffer = io.BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {}
    PillowImage.fromarray(flat).save(
        buffer, kind, icc_profile=profile(SRGB_COLUMNS, 1.0), **options
    )
    image = decode(buffer.getvalue(), "a")
    assert abs(image.pixels.astype(int) - 137).max() <= 4


def test_profile_that_inflates_is_a_limit_error():
    buffer = io.BytesIO()
    PillowImage.fromarray(COLOURS).save(buffer, "PNG", icc_profile=bytes(50_000_000))
    assert len(zlib.compress(bytes(1000))) < 100
    with pytest.raises(LimitError, match="profile"):
        decode(buffer.getvalue(), "a.png")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_broken_profile_is_ignored_with_a_note(kind):
    buffer = io.BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {}
    PillowImage.fromarray(COLOURS).save(buffer, kind, icc_profile=b"x" * 200, **options)
    image = decode(buffer.getvalue(), "a." + kind.lower()[:3])
    assert np.array_equal(image.pixels, COLOURS)
    assert image.notes[0].startswith("profile:")


@pytest.mark.parametrize("level", [0, 7, 255])
def test_constant_picture_works(level):
    flat = np.full((5, 6, 3), level, np.uint8)
    for suffix in (".png", ".jpg", ".tif"):
        found = decode(encode(Image(flat), suffix), "a" + suffix).pixels
        assert abs(found.astype(int) - level).max() <= 2


GOOD = [
    np.random.default_rng(2).random((4, 5)),
    np.arange(20, dtype=np.uint16).reshape(4, 5),
    np.eye(4, dtype=bool),
    np.arange(20, dtype=np.uint8).reshape(4, 5, 1),
    COLOURS[::-1, ::-1],
    COLOURS[::2, ::3],
    np.arange(20, dtype=">u2").reshape(4, 5),
]


@pytest.mark.parametrize("array", GOOD, ids=lambda array: f"{array.dtype}{array.shape}")
def test_arrays_are_taken_and_never_changed(array):
    before = array.copy()
    array.flags.writeable = False
    image = Image(array)
    assert np.array_equal(image.pixels.reshape(array.shape), before)
    found = decode(encode(image, ".tif"), "a.tif").pixels.squeeze()
    assert np.allclose(found, (before * 255 if before.dtype == bool else before).squeeze())
    assert np.array_equal(array, before)


class OnDevice:
    """What an array of a GPU does when it is asked for its values."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("can't convert cuda:0 device type tensor to numpy; copy it to the host")


@pytest.mark.parametrize(
    "array",
    [
        OnDevice(),
        np.zeros((3, 100, 120)),
        np.array([object()]),
        np.array(5),
        np.zeros((0, 5)),
        np.zeros((2, 2), complex),
        [[1, 2], [3]],
    ],
    ids=["on-device", "channels-first", "objects", "0-d", "empty", "complex", "ragged"],
)
def test_what_is_no_picture_is_an_input_error(array):
    with pytest.raises(InputError):
        Image(array)
