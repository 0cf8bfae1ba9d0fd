"""TIFF: bad inputs 19 to 26 of the contract."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as PillowImage
from tifffile import TiffWriter, imwrite

from pixelwise.errors import InputError, LimitError
from pixelwise.io.files import decode

GENERATOR = np.random.default_rng(0)
COLOURS = GENERATOR.integers(0, 256, (40, 52, 3)).astype(np.uint8)


def tiff(fields, body=b"", *, following=0):
    """Return a little-endian TIFF of one page; ``body`` stands at offset 8."""
    start = 8 + len(body) + len(body) % 2
    page = struct.pack("<H", len(fields))
    for tag, value in sorted(fields.items()):
        page += struct.pack("<HHII", tag, 4, 1, value)
    chain = start if following == "loop" else following
    return (
        struct.pack("<2sHI", b"II", 42, start)
        + body.ljust(start - 8, b"\0")
        + page
        + struct.pack("<I", chain)
    )


def grey(width, height, **more):
    body = more.pop("body", bytes(width * height))
    named = {"bits": 258, "compression": 259, "samples": 277, "rows": 278, "tile_width": 322,
             "tile_height": 323, "tiles": 324, "tile_bytes": 325}  # fmt: skip
    following = more.pop("following", 0)
    fields = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 278: height, 279: len(body)}
    fields |= {named[name]: value for name, value in more.items()}
    if "tiles" in more:
        del fields[273], fields[278], fields[279]
    return tiff(fields, body, following=following)


def written(pixels, **options):
    buffer = io.BytesIO()
    imwrite(buffer, pixels, metadata=None, **options)
    return buffer.getvalue()


def test_plain_grey_is_read():
    pixels = GENERATOR.integers(0, 256, (3, 5)).astype(np.uint8)
    image = decode(grey(5, 3, body=pixels.tobytes()), "a.tif")
    assert np.array_equal(image.pixels[..., 0], pixels)
    assert image.notes == ()


def test_tile_far_larger_than_the_picture_is_an_input_error():
    with pytest.raises(InputError):
        decode(grey(1, 1, tile_width=2**30, tile_height=2**30, tiles=8, tile_bytes=1), "a.tif")
    with pytest.raises(InputError):
        decode(grey(1, 1, tile_width=65536, tile_height=65536, tiles=8, tile_bytes=1), "a.tif")


def test_many_samples_are_an_input_error():
    with pytest.raises(InputError, match="65535"):
        decode(grey(4, 4, samples=65535), "a.tif")


def test_chain_of_pages_in_a_circle_is_an_input_error():
    with pytest.raises(InputError, match="circle"):
        decode(grey(4, 4, following="loop"), "a.tif")


def test_sparse_giant_points_to_the_map_command():
    fields = [(256, 100_000), (257, 100_000), (258, 8), (259, 1), (262, 1), (322, 512),
              (323, 512), (324, 0), (325, 0)]  # fmt: skip
    page = struct.pack("<Q", len(fields))
    page += b"".join(struct.pack("<HHQQ", tag, 16, 1, value) for tag, value in fields)
    data = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) + page + bytes(8)
    with pytest.raises(LimitError, match="pixelwise map"):
        decode(data, "a.tif")


def test_strip_that_inflates_to_a_gigabyte_is_a_limit_error():
    packer = zlib.compressobj(9)
    body = packer.compress(bytes(1 << 20)) + packer.flush()
    with pytest.raises(LimitError):
        decode(grey(32_768, 32_768, compression=8, body=body), "a.tif")


def test_strip_that_inflates_beyond_its_rows_gives_the_rows():
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    image = decode(grey(16, 16, compression=8, body=body), "a.tif")
    assert image.size == (16, 16)


def test_lerc_is_refused():
    with pytest.raises(InputError, match="34887") as caught:
        decode(grey(8192, 8192, compression=34887, body=bytes(94)), "a.tif")
    assert caught.value.reason == "unsupported"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.int16, np.int32])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_depth_and_planes_are_kept(dtype, planar, order):
    pixels = (GENERATOR.random((40, 52, 3)) * 200).astype(dtype)
    stored = pixels if planar == "contig" else np.moveaxis(pixels, -1, 0)
    data = written(stored, photometric="rgb", planarconfig=planar, byteorder=order)
    image = decode(data, "a.tif")
    assert image.pixels.dtype == dtype
    assert np.array_equal(image.pixels, pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.float32, np.float64])
@pytest.mark.parametrize(
    "options", [{}, {"compression": "zlib"}, {"tile": (16, 32)}, {"bigtiff": True}]
)
def test_grey_depth_is_kept(dtype, options):
    pixels = (GENERATOR.random((40, 52)) * 200).astype(dtype)
    image = decode(written(pixels, photometric="minisblack", **options), "a.tif")
    kept = np.float32 if dtype == np.float64 else dtype
    assert image.pixels.dtype == kept
    assert np.array_equal(image.pixels[..., 0], pixels.astype(kept))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_is_zero_is_turned_round(dtype):
    pixels = (GENERATOR.random((8, 9)) * 200).astype(dtype)
    image = decode(written(pixels, photometric="miniswhite"), "a.tif")
    assert np.array_equal(image.pixels[..., 0], np.iinfo(dtype).max - pixels)


def test_values_that_are_no_numbers_become_zero_and_are_counted():
    pixels = np.ones((6, 7), np.float32)
    pixels[1, 2], pixels[3, 4] = np.nan, np.inf
    image = decode(written(pixels), "a.tif")
    assert image.pixels.sum() == 40
    assert image.notes[0].startswith("nan: 2 values")


def test_lab_gives_the_colours_it_names():
    """The truth is the definition: sRGB to linear, to XYZ at D50, to CIELAB, in 8 bits."""
    truth = np.array([[250, 250, 250], [5, 5, 5], [127, 127, 127],
                      [200, 100, 50], [60, 120, 180], [90, 160, 80]])  # fmt: skip
    share = truth / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_d50 = np.array([[0.4360747, 0.3850649, 0.1430804],
                       [0.2225045, 0.7168786, 0.0606169],
                       [0.0139322, 0.0971045, 0.7141733]])  # fmt: skip
    x, y, z = (linear @ to_d50.T / [0.9642, 1.0, 0.8249]).T
    root = [np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116) for t in (x, y, z)]
    lightness = 116 * root[1] - 16
    lab = np.stack([lightness * 2.55, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])], 1)
    stored = np.repeat(np.rint(lab).astype(np.int64)[None] % 256, 4, 0).astype(np.uint8)
    image = decode(written(stored, photometric="cielab"), "a.tif")
    assert abs(image.pixels[0].astype(int) - truth).max() <= 4


def test_inks_give_their_colours():
    inks = np.zeros((8, 32, 4), np.uint8)
    for number in range(4):
        inks[:, number * 8 : number * 8 + 8, number] = 255
    image = decode(written(inks, photometric="separated"), "a.tif")
    found = image.pixels[4, 4::8].tolist()
    assert found == [[0, 255, 255], [255, 0, 255], [255, 255, 0], [0, 0, 0]]


@pytest.mark.parametrize("compression", ["tiff_lzw", "jpeg", "packbits", "tiff_deflate"])
def test_usual_compressions_are_read(compression):
    buffer = io.BytesIO()
    PillowImage.fromarray(COLOURS).save(buffer, "TIFF", compression=compression)
    image = decode(buffer.getvalue(), "a.tif")
    assert image.size == (40, 52)
    if compression != "jpeg":
        assert np.array_equal(image.pixels, COLOURS)


def test_one_bit_is_black_and_white():
    buffer = io.BytesIO()
    PillowImage.fromarray(COLOURS[..., 0] > 127).save(buffer, "TIFF", compression="group4")
    image = decode(buffer.getvalue(), "a.tif")
    assert np.array_equal(image.pixels[..., 0], np.where(COLOURS[..., 0] > 127, 255, 0))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once(orientation, dtype):
    shown = (GENERATOR.random((6, 9, 3)) * 200).astype(dtype)
    stored = {
        1: shown, 2: shown[:, ::-1], 3: shown[::-1, ::-1], 4: shown[::-1],
        5: shown.swapaxes(0, 1), 6: np.rot90(shown, 1), 7: shown[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(shown, -1),
    }[orientation]  # fmt: skip
    tag = [(274, "H", 1, orientation, True)]
    data = written(np.ascontiguousarray(stored), photometric="rgb", extratags=tag)
    assert np.array_equal(decode(data, "a.tif").pixels, shown)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
def test_fields_of_maps_are_passed_over_in_silence(dtype, capfd):
    tags = [(33550, "d", 3, (1.0, 1.0, 0.0), True), (34735, "H", 4, (1, 1, 0, 0), True)]
    tags += [(42112, "s", 0, "<GDALMetadata/>", True), (42113, "s", 0, "nan", True)]
    pixels = (GENERATOR.random((8, 9)) * 200).astype(dtype)
    image = decode(written(pixels, photometric="minisblack", extratags=tags), "a.tif")
    assert np.array_equal(image.pixels[..., 0], pixels)
    assert image.notes == ()
    assert capfd.readouterr().err == ""


def test_overviews_are_no_pages():
    buffer = io.BytesIO()
    with TiffWriter(buffer) as writer:
        writer.write(COLOURS, photometric="rgb", metadata=None)
        writer.write(COLOURS[::2, ::2], photometric="rgb", subfiletype=1, metadata=None)
    assert decode(buffer.getvalue(), "a.tif").notes == ()


def test_further_pages_are_noted():
    buffer = io.BytesIO()
    imwrite(buffer, np.stack([COLOURS] * 3), photometric="rgb", metadata=None)
    image = decode(buffer.getvalue(), "a.tif")
    assert np.array_equal(image.pixels, COLOURS)
    assert image.notes == ("pages: the first of 3 pages was read",)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_cut_file_is_an_input_error(share):
    data = written(COLOURS, photometric="rgb")
    with pytest.raises(InputError):
        decode(data[: int(len(data) * share)], "a.tif")
