"""JPEG: bad inputs 4 to 6, 26 to 29 and 33 of the contract."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageCms

from pixelwise.errors import InputError, LimitError
from pixelwise.io.files import decode
from pixelwise.io.format import Reading


def smooth(height=96, width=128):
    y, x = np.mgrid[0:height, 0:width]
    return np.dstack([x * 255 // width, y * 255 // height, (x + y) % 256]).astype(np.uint8)


def jpeg(pixels, **options):
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "JPEG", **({"quality": 95} | options))
    return buffer.getvalue()


def with_segment(data, marker, body):
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + data[2:]


def exif(orientation, *, following=0):
    entry = struct.pack("<HHIHH", 274, 3, 1, orientation, 0)
    return b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + struct.pack("<I", following)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_pixels_equal_those_of_pillow(options):
    data = jpeg(smooth(), **options)
    with PillowImage.open(io.BytesIO(data)) as picture:
        assert np.array_equal(decode(data, "a.jpg").pixels, np.asarray(picture))
    assert decode(data, "a.jpg").notes == ()


def test_grey_has_one_channel():
    image = decode(jpeg(smooth()[..., 0]))
    assert image.channels == 1
    assert abs(image.pixels[..., 0].astype(int) - smooth()[..., 0]).max() < 8


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("progressive", [False, True])
def test_cut_file_is_refused_or_given_in_part(share, progressive):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    data = jpeg(noise, progressive=progressive)
    cut = data[: int(len(data) * share)]
    with pytest.raises(InputError) as caught:
        decode(cut, "a.jpg")
    assert caught.value.reason == "truncated"
    image = decode(cut, "a.jpg", Reading(allow_truncated=True))
    assert image.size == (200, 200)
    assert image.notes[0].startswith("truncated:")
    if share > 0.9 and not progressive:
        assert np.array_equal(image.pixels[:150], decode(data).pixels[:150])


@pytest.mark.parametrize("values", [(0x37,), (0xC0,), (0x01, 0xD8), (0xE5,), (0xC4, 0xDA)])
def test_garbage_in_the_data_gives_a_note(values):
    garbage = b"".join(bytes([0xFF, value]) for value in values) * 40
    data = bytearray(jpeg(smooth(300, 300)))
    middle = len(data) * 2 // 3
    data[middle : middle + len(garbage)] = garbage
    image = decode(bytes(data), "a.jpg")
    assert image.size == (300, 300)
    assert image.notes[0].startswith("damaged:")
    assert np.array_equal(image.pixels[:150], decode(jpeg(smooth(300, 300))).pixels[:150])


def test_run_of_ones_before_a_value_gives_a_note():
    data = bytearray(jpeg(smooth(300, 300)))
    middle = data.index(b"\xff\x00", len(data) // 2)
    data[middle - 20 : middle] = b"\xff" * 20
    assert decode(bytes(data), "a.jpg").notes[0].startswith("damaged:")


def test_end_marker_in_the_middle_is_not_silent():
    data = bytearray(jpeg(smooth(300, 300)))
    data[len(data) // 2 : len(data) // 2 + 2] = b"\xff\xd9"
    notes = decode(bytes(data), "a.jpg").notes
    assert [note.partition(":")[0] for note in notes] == ["damaged", "trailing"]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 9}])
@pytest.mark.parametrize("grey", [False, True])
def test_damage_that_breaks_no_marker_gives_a_note(options, grey):
    pixels = smooth(300, 300)[..., 0] if grey else smooth(300, 300)
    data = bytearray(jpeg(pixels, **options))
    middle = len(data) * 2 // 3
    data[middle : middle + 500] = b"\x55" * 500
    image = decode(bytes(data), "a.jpg")
    assert image.size == (300, 300)
    assert image.notes[0].startswith("damaged:")


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (33, 17)])
def test_sound_file_of_any_shape_gives_no_note(shape, subsampling):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    data = jpeg(pixels, subsampling=subsampling, optimize=True)
    with PillowImage.open(io.BytesIO(data)) as picture:
        assert np.array_equal(decode(data).pixels, np.asarray(picture))
    assert decode(data).notes == ()


def test_restart_markers_out_of_order_give_a_note():
    data = cv2.imencode(".jpg", smooth(), [cv2.IMWRITE_JPEG_RST_INTERVAL, 2])[1].tobytes()
    assert decode(data).notes == ()
    wrong = data.replace(b"\xff\xd3", b"\xff\xd5", 1)
    assert decode(wrong).notes[0].startswith("damaged:")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_shows_the_picture_upright(orientation):
    shown = smooth(64, 128)
    shown[:32, :32] = 255
    # What the camera stored is the inverse of what the tag asks the viewer to do.
    stored = {
        1: shown, 2: shown[:, ::-1], 3: shown[::-1, ::-1], 4: shown[::-1],
        5: shown.swapaxes(0, 1), 6: np.rot90(shown, 1), 7: shown[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(shown, -1),
    }[orientation]  # fmt: skip
    data = with_segment(jpeg(np.ascontiguousarray(stored)), 0xE1, exif(orientation))
    image = decode(data)
    assert image.size == (64, 128)
    assert abs(image.pixels.astype(int) - shown).mean() < 3
    assert image.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    "block",
    [
        exif(0),
        exif(99),
        exif(1, following=8),
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\x7f",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
        exif(6).replace(struct.pack("<HHI", 274, 3, 1), struct.pack("<HHI", 274, 5, 1)),
    ],
)
def test_orientation_out_of_range_or_broken_is_ignored(block):
    plain = jpeg(smooth())
    image = decode(with_segment(plain, 0xE1, block))
    assert np.array_equal(image.pixels, decode(plain).pixels)


def test_broken_profile_is_ignored_with_a_note():
    plain = jpeg(smooth())
    image = decode(with_segment(plain, 0xE2, b"ICC_PROFILE\0\x01\x01" + bytes(300)))
    assert np.array_equal(image.pixels, decode(plain).pixels)
    assert image.notes[0].startswith("profile:")


def test_profile_of_many_megabytes_is_a_limit_error():
    plain = jpeg(smooth())
    bodies = [b"ICC_PROFILE\0" + bytes([number, 200]) + bytes(65_000) for number in range(1, 201)]
    parts = [b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body for body in bodies]
    data = b"".join([plain[:2], *parts, plain[2:]])
    with pytest.raises(LimitError, match="profile"):
        decode(data)


def test_srgb_profile_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(
        decode(jpeg(smooth(), icc_profile=profile)).pixels, decode(jpeg(smooth())).pixels
    )


def test_cmyk_gives_the_colours_that_the_inks_make():
    inks = np.zeros((16, 64, 4), np.uint8)
    inks[:, 0:16, 0] = 255
    inks[:, 16:32, 1] = 255
    inks[:, 32:48, 2] = 255
    inks[:, 48:, 3] = 255
    buffer = io.BytesIO()
    PillowImage.fromarray(inks, "CMYK").save(buffer, "JPEG", quality=100)
    image = decode(buffer.getvalue())
    found = image.pixels[8, [8, 24, 40, 56]].astype(int)
    truth = np.array([[0, 255, 255], [255, 0, 255], [255, 255, 0], [0, 0, 0]])
    assert abs(found - truth).max() <= 6


def test_ycck_gives_the_colours_that_the_inks_make():
    """Adobe stores the inks cyan, magenta and yellow as if they were R, G and B, in YCbCr."""
    inks = np.array([[200, 30, 60, 0], [10, 150, 90, 40], [0, 0, 0, 128]], np.float64)
    red, green, blue, key = inks.T
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    stored = np.stack([luma, 128 + 0.564 * (blue - luma), 128 + 0.713 * (red - luma), 255 - key])
    flat = np.repeat(np.rint(255 - stored.T).astype(np.uint8)[None], 16, 0).repeat(16, 1)
    buffer = io.BytesIO()
    PillowImage.fromarray(np.ascontiguousarray(flat), "CMYK").save(
        buffer, "JPEG", quality=100, subsampling=0
    )
    data = buffer.getvalue()
    place = data.index(b"Adobe") + 11
    assert data[place] == 0
    image = decode(data[:place] + b"\x02" + data[place + 1 :])
    truth = (255 - inks[:, :3]) * (255 - inks[:, 3:]) / 255
    assert abs(image.pixels[8, 8::16] - truth).max() <= 6


def test_no_size_in_the_header_is_an_input_error():
    data = jpeg(smooth())
    place = data.index(b"\xff\xc0") + 5
    with pytest.raises(InputError):
        decode(data[:place] + b"\0\0" + data[place + 2 :])


def test_header_over_the_limit_is_refused():
    data = jpeg(smooth())
    place = data.index(b"\xff\xc0") + 5
    with pytest.raises(LimitError):
        decode(data[:place] + b"\xff\xff\xff\xff" + data[place + 4 :])


def test_thousands_of_scans_are_refused():
    data = jpeg(smooth(), progressive=True)
    start = data.index(b"\xff\xda")
    end = data.index(b"\xff\xda", start + 2)
    scan = data[start:end]
    with pytest.raises(LimitError, match="scans"):
        decode(data[:end] + scan * 600 + data[end:])


def test_twelve_bits_are_refused_by_name():
    data = jpeg(smooth())
    place = data.index(b"\xff\xc0") + 4
    with pytest.raises(InputError, match="12") as caught:
        decode(data[:place] + b"\x0c" + data[place + 1 :])
    assert caught.value.reason == "unsupported"
