"""GIF, BMP, WebP and AVIF: bad inputs 13 to 17 and 30 of the contract."""

import io
import struct
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import WebPImagePlugin, features

from pixelwise.errors import InputError, LimitError, MissingExtra
from pixelwise.io.files import decode
from pixelwise.io.format import Reading
from pixelwise.io.limits import SERVER, Limits

COLOURS = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
HEIC = struct.pack(">I4s4sI", 24, b"ftyp", b"heic", 0) + b"mif1heic" + bytes(40)


def encoded(kind, pixels=COLOURS, **options):
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def gif(frames, *, canvas=(1, 1), frame=(0, 0, 1, 1)):
    head = b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    one = b"," + struct.pack("<HHHHB", *frame, 0) + b"\x02\x02\x4c\x01\x00"
    return head + one * frames + b";"


def test_gif_of_one_frame_is_read():
    image = decode(gif(1), "a.gif")
    assert image.size == (1, 1)
    assert image.notes == ()


def test_gif_of_many_frames_is_a_limit_error():
    with pytest.raises(LimitError, match="frames"):
        decode(gif(100_000), "a.gif")
    with pytest.raises(LimitError, match="60 frames"):
        decode(gif(61), "a.gif", Reading(limits=SERVER))


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_animation_gives_its_first_frame_and_a_note(kind):
    first = np.zeros((20, 30, 3), np.uint8)
    rest = [PillowImage.fromarray(first + np.uint8(level)) for level in (80, 160)]
    data = encoded(kind, first, save_all=True, append_images=rest)
    image = decode(data, f"a.{kind.lower()}")
    assert image.pixels[..., :3].max() < 4
    assert any(note.startswith("animation: the first of 3") for note in image.notes)


def test_gif_frame_outside_the_canvas_is_an_input_error():
    with pytest.raises(InputError, match="outside the canvas"):
        decode(gif(1, canvas=(4, 4), frame=(2, 2, 4, 4)), "a.gif")


def test_archive_behind_a_gif_is_ignored_with_a_note():
    image = decode(gif(1) + b"PK\x03\x04" + bytes(50), "a.gif")
    assert image.size == (1, 1)
    assert image.notes == ("trailing: 54 bytes after the end were ignored",)


def test_gif_palette_and_transparency():
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2] = 200, 10, 30, 255
    image = decode(encoded("GIF", pixels), "a.gif")
    assert image.pixels[0, 0].tolist() == [200, 10, 30, 255]
    assert image.pixels[3, 3, 3] == 0


def test_bmp_with_negative_height_is_top_down():
    data = bytearray(encoded("BMP"))
    upright = decode(bytes(data), "a.bmp").pixels
    struct.pack_into("<i", data, 22, -20)
    assert np.array_equal(upright, COLOURS)
    assert np.array_equal(decode(bytes(data), "a.bmp").pixels, COLOURS[::-1])


@pytest.mark.parametrize("height", [-(2**31), 0])
def test_bmp_with_impossible_height_is_an_input_error(height):
    data = bytearray(encoded("BMP"))
    struct.pack_into("<i", data, 22, height)
    with pytest.raises(InputError):
        decode(bytes(data), "a.bmp")


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_bmp_modes(mode):
    with PillowImage.fromarray(COLOURS) as picture:
        converted = picture.convert(mode)
    buffer = io.BytesIO()
    converted.save(buffer, "BMP")
    truth = np.asarray(converted.convert("L" if mode != "P" else "RGB"))
    assert np.array_equal(decode(buffer.getvalue(), "a.bmp").pixels.squeeze(), truth)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_cut_file_is_an_input_error(kind, share):
    data = encoded(kind)
    with pytest.raises(InputError):
        decode(data[: int(len(data) * share)], f"a.{kind.lower()}")


def test_webp_keeps_colours_and_alpha():
    pixels = np.dstack([COLOURS, np.full((20, 30), 128, np.uint8)])
    image = decode(encoded("WEBP", pixels, lossless=True, exact=True), "a.webp")
    assert np.array_equal(image.pixels, pixels)


def test_webp_library_is_newer_than_the_known_hole():
    """CVE-2023-4863 was fixed in libwebp 1.3.2."""
    version = tuple(int(part) for part in features.version("webp").split("."))
    assert version >= (1, 3, 2)
    assert WebPImagePlugin.SUPPORTED


def test_webp_lossless_with_broken_codes_is_an_input_error():
    data = bytearray(encoded("WEBP", lossless=True))
    data[26:120] = b"\xff" * 94
    with pytest.raises(InputError):
        decode(bytes(data), "a.webp")


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "GIF", "BMP"])
def test_picture_over_the_limit_is_refused(kind):
    with pytest.raises(LimitError):
        decode(encoded(kind), "a", Reading(limits=Limits(pixels=500)))


def test_avif_is_close():
    smooth = np.full((32, 32, 3), (200, 100, 50), np.uint8)
    image = decode(encoded("AVIF", smooth, quality=95), "a.avif")
    assert abs(image.pixels.astype(int) - smooth).max() < 6


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("kind", ["AVIF", "WEBP", "PNG"])
def test_orientation_of_other_formats_is_applied(kind, orientation):
    shown = np.zeros((32, 64, 3), np.uint8)
    shown[:16, :32] = 250
    turns = {1: 0, 3: 2, 6: 1, 8: 3}[orientation]
    stored = np.ascontiguousarray(np.rot90(shown, turns))
    tags = PillowImage.Exif()
    tags[274] = orientation
    image = decode(encoded(kind, stored, exif=tags.tobytes()), f"a.{kind.lower()}")
    assert image.size == (32, 64)
    assert abs(image.pixels.astype(int) - shown).mean() < 4


def test_heif_without_the_plugin_names_the_extra():
    if find_spec("pillow_heif") is not None:
        pytest.skip("pillow-heif is installed")
    with pytest.raises(MissingExtra, match=r"pixelwise\[heif\]"):
        decode(HEIC, "a.heic")


def test_heif_is_read_where_the_plugin_is():
    plugin = pytest.importorskip("pillow_heif")
    smooth = np.full((32, 48, 3), (200, 100, 50), np.uint8)
    buffer = io.BytesIO()
    plugin.from_pillow(PillowImage.fromarray(smooth)).save(buffer, quality=95)
    image = decode(buffer.getvalue(), "a.heic")
    assert abs(image.pixels.astype(int) - smooth).max() < 8
    with pytest.raises(InputError):
        decode(buffer.getvalue()[:200], "a.heic")
