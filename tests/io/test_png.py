"""PNG: bad inputs 1 to 3, 7 to 12, 15, 26, 34 and 41 of the contract."""

import io
import resource
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image as PillowImage

from pixelwise.errors import InputError, LimitError
from pixelwise.io.files import decode
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GENERATOR = np.random.default_rng(0)
COLOURS = GENERATOR.integers(0, 256, (24, 32, 3)).astype(np.uint8)


def chunk(kind, body, *, sound=True):
    checksum = zlib.crc32(kind + body) ^ (0 if sound else 1)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def header(width, height, depth=8, colour=2, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def png(pixels, *extra, depth=8, colour=2, before=()):
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    height, width = pixels.shape[:2]
    parts = [SIGNATURE, header(width, height, depth, colour), *before, *extra]
    return b"".join([*parts, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")])


def test_colours_come_back_as_they_were():
    assert np.array_equal(decode(png(COLOURS), "a.png").pixels, COLOURS)
    assert decode(png(COLOURS), "a.png").notes == ()


@pytest.mark.parametrize("data", [b"", b"\x89", SIGNATURE, SIGNATURE + b"\0\0"])
def test_file_without_content_is_an_input_error(data):
    with pytest.raises(InputError):
        decode(data, "a.png")


def test_wrong_checksum_in_the_picture_is_an_input_error():
    data = bytearray(png(COLOURS))
    data[len(data) // 2] ^= 1
    with pytest.raises(InputError, match="IDAT has a wrong checksum"):
        decode(bytes(data), "a.png")


def test_wrong_checksum_beside_the_picture_is_decoded_with_a_note():
    image = decode(png(COLOURS, chunk(b"tIME", bytes(7), sound=False)), "a.png")
    assert np.array_equal(image.pixels, COLOURS)
    assert image.notes[0].startswith("damaged: the chunk b'tIME'")


def test_huge_header_is_refused_before_memory_is_taken():
    body = chunk(b"IDAT", bytes(7_000_000))
    data = SIGNATURE + header(50_000, 50_000) + body + chunk(b"IEND", b"")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes, the peak so far
    with pytest.raises(LimitError, match="map"):
        decode(data, "a.png")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_inflating_text_is_refused(kind):
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    start = b"a\0\0" if kind == b"zTXt" else b"a\0\1\0\0\0"
    data = png(COLOURS, chunk(kind, start + packed))
    with pytest.raises(LimitError, match="text"):
        decode(data, "a.png", Reading(limits=Limits(text_bytes=50 << 20)))


def test_widest_header_is_over_the_pixel_limit():
    with pytest.raises(LimitError):
        decode(SIGNATURE + header(2**31 - 1, 1) + chunk(b"IEND", b""), "a.png")


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (0, 0)])
def test_side_of_no_pixels_is_an_input_error(width, height):
    with pytest.raises(InputError):
        decode(SIGNATURE + header(width, height) + chunk(b"IEND", b""), "a.png")


def test_sixteen_bits_are_kept():
    deep = GENERATOR.integers(0, 65536, (5, 7, 3)).astype(np.uint16)
    image = decode(png(deep.astype(">u2"), depth=16), "a.png")
    assert image.pixels.dtype == np.uint16
    assert np.array_equal(image.pixels, deep)
    grey = decode(png(deep[..., 0].astype(">u2"), depth=16, colour=0), "a.png")
    assert np.array_equal(grey.pixels[..., 0], deep[..., 0])
    clear = np.dstack([deep, deep[..., :1]])
    image = decode(png(clear.astype(">u2"), depth=16, colour=6), "a.png")
    assert np.array_equal(image.pixels, clear)


def test_grey_with_alpha_becomes_rgba():
    pair = GENERATOR.integers(0, 256, (5, 7, 2)).astype(np.uint8)
    image = decode(png(pair, colour=4), "a.png")
    assert np.array_equal(image.pixels, pair[..., [0, 0, 0, 1]])
    deep = GENERATOR.integers(0, 65536, (5, 7, 2)).astype(np.uint16)
    image = decode(png(deep.astype(">u2"), depth=16, colour=4), "a.png")
    assert np.array_equal(image.pixels, deep[..., [0, 0, 0, 1]])


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palette_gives_its_colours(depth):
    palette = GENERATOR.integers(0, 256, (2**depth, 3)).astype(np.uint8)
    indices = GENERATOR.integers(0, 2**depth, (6, 16)).astype(np.uint8)
    packed = np.packbits(
        np.unpackbits(indices[..., None], axis=2)[..., 8 - depth :].reshape(6, -1), 1
    )
    parts = [SIGNATURE, header(16, 6, depth, 3), chunk(b"PLTE", palette.tobytes())]
    clear = chunk(b"tRNS", b"\x00\x80")
    rest = [chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in packed)))]
    rest.append(chunk(b"IEND", b""))
    assert np.array_equal(decode(b"".join([*parts, *rest])).pixels, palette[indices])
    image = decode(b"".join([*parts, clear, *rest]))
    assert np.array_equal(image.pixels[..., :3], palette[indices])
    alpha = np.full(2**depth, 255, np.uint8)
    alpha[:2] = 0, 128
    assert np.array_equal(image.pixels[..., 3], alpha[indices])


def test_colour_key_becomes_alpha():
    pixels = COLOURS.copy()
    pixels[3, 4] = 10, 20, 30
    image = decode(png(pixels, chunk(b"tRNS", struct.pack(">HHH", 10, 20, 30))))
    assert image.channels == 4
    assert image.pixels[3, 4].tolist() == [10, 20, 30, 0]
    assert image.pixels[0, 0, 3] == 255


def test_colour_key_of_sixteen_bits_becomes_alpha():
    deep = GENERATOR.integers(0, 65536, (5, 7, 3)).astype(np.uint16)
    deep[2, 3] = 1000, 2000, 3000
    key = chunk(b"tRNS", struct.pack(">HHH", 1000, 2000, 3000))
    image = decode(png(deep.astype(">u2"), key, depth=16))
    assert np.array_equal(image.pixels[..., :3], deep)
    assert image.pixels[2, 3, 3] == 0
    assert image.pixels[0, 0, 3] == 65535


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_few_bits_of_grey_fill_the_range(depth):
    packed = np.array([[0b11000000]], np.uint8)
    data = SIGNATURE + header(2, 1, depth, 0)
    data += chunk(b"IDAT", zlib.compress(b"\0" + packed.tobytes())) + chunk(b"IEND", b"")
    first = {1: 255, 2: 255, 4: 204}[depth]
    second = {1: 255, 2: 0, 4: 0}[depth]
    assert decode(data).pixels[0, :, 0].tolist() == [first, second]


def test_interlaced_equals_plain(tmp_path):
    buffer = io.BytesIO()
    PillowImage.fromarray(COLOURS).save(buffer, "PNG", interlace=1)
    assert np.array_equal(decode(buffer.getvalue()).pixels, COLOURS)


def test_animation_gives_its_default_picture_and_a_note():
    frames = [PillowImage.fromarray(COLOURS), PillowImage.fromarray(255 - COLOURS)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:])
    image = decode(buffer.getvalue(), "a.png")
    assert np.array_equal(image.pixels, COLOURS)
    assert image.notes[0].startswith("animation:")


def test_archive_behind_the_picture_is_ignored_with_a_note():
    image = decode(png(COLOURS) + b"PK\x03\x04" + bytes(100), "a.png")
    assert np.array_equal(image.pixels, COLOURS)
    assert image.notes[0].startswith("trailing: 104 bytes")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_cut_file_is_refused_or_given_in_part(share):
    noise = GENERATOR.integers(0, 256, (300, 200, 3)).astype(np.uint8)
    data = png(noise)
    data = data.replace(b"IDAT", b"IDAT", 1)
    pieces = zlib.compress(b"".join(b"\0" + row.tobytes() for row in noise))
    parts = [chunk(b"IDAT", pieces[at : at + 1000]) for at in range(0, len(pieces), 1000)]
    data = SIGNATURE + header(200, 300) + b"".join(parts) + chunk(b"IEND", b"")
    cut = data[: int(len(data) * share)]
    with pytest.raises(InputError) as caught:
        decode(cut, "a.png")
    assert caught.value.reason == "truncated"
    image = decode(cut, "a.png", Reading(allow_truncated=True))
    assert image.size == (300, 200)
    rows = int(300 * share) - 8
    assert np.array_equal(image.pixels[:rows], noise[:rows])
    assert any(note.startswith("truncated:") for note in image.notes)


def test_unknown_critical_chunk_is_an_input_error():
    with pytest.raises(InputError, match="unknown chunk"):
        decode(png(COLOURS, chunk(b"ABCD", b"")))


def test_deflate_stream_that_is_wrong_under_a_right_checksum_is_an_input_error():
    data = SIGNATURE + header(50, 50) + chunk(b"IDAT", b"x" * 200) + chunk(b"IEND", b"")
    with pytest.raises(InputError):
        decode(data, "a.png")


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 100_000, 3), (100_000, 1, 3)])
def test_extreme_shapes_work(shape):
    pixels = GENERATOR.integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(decode(png(pixels)).pixels, pixels)


def test_wider_than_the_fast_decoder_takes_still_works():
    pixels = np.zeros((1, 1_200_000, 3), np.uint8)
    pixels[0, -1] = 1, 2, 3
    assert decode(png(pixels)).pixels[0, -1].tolist() == [1, 2, 3]


def test_fast_and_careful_decoder_agree():
    data = cv2.imencode(".png", COLOURS[..., ::-1])[1].tobytes()
    with PillowImage.open(io.BytesIO(data)) as picture:
        assert np.array_equal(decode(data).pixels, np.asarray(picture))
