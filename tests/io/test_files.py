"""The road in and out: content over name, refused formats (18, 30 to 36), and writing."""

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.core import (
    Foreground,
    Image,
    Instances,
    Legend,
    Panoptic,
    Regions,
    Segments,
    Semantic,
)
from pixelwise.errors import InputError, MissingExtra, OutputError, UnknownName
from pixelwise.io import FORMATS, atomic
from pixelwise.io.atomic import write_bytes
from pixelwise.io.files import decode, encode, read, read_thing, write
from pixelwise.io.format import Format
from pixelwise.io.labels import read_labels
from pixelwise.io.pictures import AVIF, BMP, GIF, HEIF, JPEG, PNG, TIFF, WEBP
from pixelwise.io.signatures import KNOWN

COLOURS = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_lossless_formats_give_back_what_was_written(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write(path, Image(COLOURS))
    assert np.array_equal(read(path).pixels, COLOURS)
    assert np.array_equal(decode(path.read_bytes()).pixels, COLOURS)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_lossy_formats_come_close(tmp_path, suffix):
    smooth = np.dstack([np.linspace(0, 255, 64 * 64).reshape(64, 64).astype(np.uint8)] * 3)
    write(tmp_path / f"a{suffix}", Image(smooth))
    assert abs(read(tmp_path / f"a{suffix}").pixels.astype(int) - smooth).mean() < 3


def test_content_decides_and_the_mismatch_is_noted(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(Image(COLOURS), ".png"))
    image = read(path)
    assert np.array_equal(image.pixels, COLOURS)
    assert image.notes == ("suffix: the name ends in .jpg, the content is PNG",)


def test_name_without_suffix_is_read_by_its_content(tmp_path):
    path = tmp_path / "picture"
    path.write_bytes(encode(Image(COLOURS), ".png"))
    assert read(path).notes == ()
    assert decode(path.read_bytes(), "standard input").size == (20, 30)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("SVG", b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'),
        ("SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1/"/></svg>'),
        ("HTML", b"<!DOCTYPE html><html></html>"),
        ("PostScript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run"),
        ("EPS", b"\xc5\xd0\xd3\xc6" + bytes(30)),
        ("PDF", b"%PDF-1.7\n"),
        ("PSD", b"8BPS\0\1" + bytes(40)),
        ("ICO", b"\0\0\1\0\1\0\xff\xff" + bytes(40)),
        ("ICNS", b"icns\0\0\xff\xff" + bytes(40)),
        ("FLI", bytes(4) + b"\x11\xaf" + bytes(120)),
        ("BLP", b"BLP2" + bytes(40)),
        ("PCX", b"\x0a\x05\x01\x08" + bytes(128)),
        ("SGI", b"\x01\xda\x01\x01" + bytes(512)),
        ("JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 60),
        ("JPEG 2000", b"\xff\x4f\xff\x51" + b"\xff" * 60),
    ],
)  # fmt: skip
def test_formats_off_the_list_are_refused_by_name(tmp_path, name, data):
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(InputError, match=name) as caught:
        read(path)
    assert caught.value.reason == "unsupported"


def test_refusing_loads_no_other_decoder():
    """In a fresh process: neither Ghostscript's plugin nor any other of Pillow's is imported."""
    code = (
        "import sys\nfrom pixelwise.io.files import decode\n"
        "from pixelwise.errors import InputError\n"
        "try:\n    decode(b'%!PS-Adobe-3.0', 'a.eps')\nexcept InputError as error:\n"
        "    print(error.reason, 'PIL.EpsImagePlugin' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["unsupported", "False"]


def test_table_is_light():
    code = "import sys, pixelwise.io.files\nprint({'cv2', 'PIL', 'tifffile'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_every_row_is_a_format(suffix):
    row = FORMATS[suffix]
    assert isinstance(row, Format)
    assert row.name
    assert row.reads or row.writes


@pytest.mark.parametrize("row", KNOWN, ids=lambda row: f"{row.name}-{row.magic[:12].hex()}")
@pytest.mark.parametrize("length", [0, 1, 8, 60])
def test_file_of_hardly_more_than_its_signature_is_refused(row, length):
    data = bytes(row.offset) + row.magic + bytes(length)
    with pytest.raises((InputError, MissingExtra)):
        decode(data, "a.png")


SAMPLES = {
    Image: Image(COLOURS),
    Foreground: Foreground(COLOURS[..., 0] > 99),
    Semantic: Semantic(np.eye(9, dtype=np.int32), Legend.of(["ground", "thing"])),
    Panoptic: Panoptic(np.eye(9, dtype=np.int32), Segments.of([0]), Legend.of(["thing"])),
    Regions: Regions(np.eye(9, dtype=np.int32)),
}


@pytest.mark.parametrize("row", [PNG, TIFF, JPEG, WEBP, BMP, AVIF, GIF, HEIF], ids=lambda r: r.name)
@pytest.mark.parametrize("kind", SAMPLES, ids=lambda kind: kind.__name__)
def test_picture_format_holds_what_it_says_and_refuses_the_rest(row, kind):
    thing = SAMPLES[kind]
    if kind not in row.writes:
        with pytest.raises(OutputError, match=f"cannot hold {kind.__name__}"):
            row.encode(thing)
        return
    image = decode(row.encode(thing), "a" + row.suffixes[0])
    assert image.size == (thing.size if isinstance(thing, Image) else np.shape(thing))
    assert image.notes == ()


def test_threads_decode_side_by_side():
    suffixes = (".png", ".jpg", ".tif", ".webp") * 6
    data = {suffix: encode(Image(COLOURS), suffix) for suffix in suffixes}
    alone = {suffix: decode(body).pixels for suffix, body in data.items()}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda suffix: decode(data[suffix]).pixels, suffixes))
    for suffix, pixels in zip(suffixes, found, strict=True):
        assert np.array_equal(pixels, alone[suffix])


def test_unknown_suffix_is_named_when_writing(tmp_path):
    with pytest.raises(UnknownName, match=r"\.png"):
        write(tmp_path / "a.pgn", Image(COLOURS))


def test_result_where_a_picture_is_expected_is_an_input_error(monkeypatch, tmp_path):
    class Boxes(Format):
        name = "boxes"
        reads = (Regions,)

        def decode(self, data, *, name, rules):  # noqa: ARG002
            return Regions(np.ones((2, 2), np.int32))

    monkeypatch.setitem(FORMATS._rows, ".boxes", "none:none")
    monkeypatch.setattr(type(FORMATS), "__getitem__", lambda self, name: Boxes())
    path = tmp_path / "a.boxes"
    path.write_bytes(b"x")
    assert isinstance(read_thing(path), Regions)
    with pytest.raises(InputError, match="it holds Regions"):
        read(path)


class TestResults:
    legend = Legend.of(["background", "cat", "dog"])

    def test_mask_is_black_and_white(self, tmp_path):
        mask = COLOURS[..., 0] > 128
        for suffix in (".png", ".tif"):
            write(tmp_path / f"m{suffix}", Foreground(mask))
            assert np.array_equal(read(tmp_path / f"m{suffix}").pixels[..., 0], mask * 255)

    def test_classes_keep_ids_and_colours(self, tmp_path):
        labels = (COLOURS[..., 0] % 4).astype(np.int32)
        labels[labels == 3] = 255
        write(tmp_path / "l.png", Semantic(labels, self.legend))
        assert np.array_equal(read_labels(tmp_path / "l.png"), labels)
        shown = read(tmp_path / "l.png").pixels
        assert np.array_equal(shown, self.legend.palette()[labels])

    @pytest.mark.parametrize("top", [3, 255, 256, 65535])
    def test_ids_come_back(self, tmp_path, top):
        labels = np.linspace(0, top, 600).astype(np.int32).reshape(20, 30)
        write(tmp_path / "r.png", Regions(labels))
        assert np.array_equal(read_labels(tmp_path / "r.png"), labels)

    def test_ids_beyond_sixteen_bits_need_tiff(self, tmp_path):
        labels = np.array([[0, 1, 70_000]], np.int32)
        table = Segments.of([1, 1], id=np.array([1, 70_000]))
        result = Panoptic(labels, table, self.legend)
        with pytest.raises(OutputError, match=r"write \.tif"):
            write(tmp_path / "p.png", result)
        assert not list(tmp_path.iterdir())
        write(tmp_path / "p.tif", result)
        assert np.array_equal(read_labels(tmp_path / "p.tif"), labels)

    def test_instances_do_not_fit_a_picture(self, tmp_path):
        masks = np.ones((1, 4, 4), bool)
        things = Instances.of(masks, np.array([1]), self.legend)
        with pytest.raises(OutputError, match="cannot hold Instances"):
            write(tmp_path / "i.png", things)

    def test_mask_does_not_fit_jpeg(self):
        with pytest.raises(OutputError):
            encode(Foreground(COLOURS[..., 0] > 1), ".jpg")

    def test_colours_are_no_labels(self, tmp_path):
        write(tmp_path / "c.png", Image(COLOURS))
        with pytest.raises(InputError, match="label"):
            read_labels(tmp_path / "c.png")


class TestPixels:
    @pytest.mark.parametrize("channels", [1, 3, 4])
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
    @pytest.mark.parametrize("suffix", [".png", ".tif"])
    def test_depth_and_channels_are_kept(self, channels, dtype, suffix):
        pixels = (np.random.default_rng(1).random((9, 11, channels)) * 255).astype(dtype)
        image = decode(encode(Image(pixels), suffix), "a" + suffix)
        assert image.pixels.dtype == dtype
        assert np.array_equal(image.pixels, pixels)

    def test_fractions_become_sixteen_bits(self):
        found = decode(encode(Image(np.array([[0.0, 0.5, 1.0]])), ".png")).pixels
        assert found.dtype == np.uint16
        assert found.ravel().tolist() == [0, 32768, 65535]

    def test_floats_stay_in_tiff(self):
        pixels = np.array([[-3.5, 0.25, 1e6]], np.float32)
        assert np.array_equal(decode(encode(Image(pixels), ".tif")).pixels[..., 0], pixels)

    def test_measured_values_are_not_squeezed(self):
        with pytest.raises(OutputError, match=r"write \.tif"):
            encode(Image(np.array([[-3.5, 7.0]])), ".png")

    def test_transparency_does_not_fit_jpeg(self):
        with pytest.raises(OutputError, match="transparency"):
            encode(Image(np.zeros((2, 2, 4), np.uint8)), ".jpg")

    def test_volume_and_bands_do_not_fit(self):
        for image in (
            Image(np.zeros((2, 2, 2, 1), np.uint8)),
            Image(np.zeros((2, 2, 7), np.uint8)),
        ):
            with pytest.raises(OutputError):
                encode(image, ".png")

    @settings(max_examples=30, deadline=None)
    @given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
    def test_any_mask_comes_back(self, height, width, seed):
        mask = np.random.default_rng(seed).random((height, width)) > 0.5
        assert np.array_equal(decode(encode(Foreground(mask), ".png")).pixels[..., 0], mask * 255)


class TestAtomic:
    def test_old_file_stays_when_writing_fails(self, tmp_path, monkeypatch):
        path = tmp_path / "a.png"
        write(path, Image(COLOURS))
        before = path.read_bytes()

        def full(handle):
            raise OSError(errno.ENOSPC, "no space")

        monkeypatch.setattr(atomic.os, "fsync", full)
        with pytest.raises(OutputError, match="No space left"):
            write(path, Image(255 - COLOURS))
        assert path.read_bytes() == before
        assert [file.name for file in tmp_path.iterdir()] == ["a.png"]

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_device_is_written_to_and_never_replaced(self):
        with pytest.raises(OutputError, match="No space left"):
            write_bytes(Path("/dev/full"), b"x")
        assert Path("/dev/full").is_char_device()
        write_bytes(Path(os.devnull), b"x")
        with (
            pytest.raises(OutputError, match="device"),
            atomic.replacing(Path("/dev/full")) as part,
        ):
            part.touch()

    def test_name_that_no_file_can_have_is_an_output_error(self, tmp_path):
        for name in ("a\0.png", "a" * 300 + ".png"):
            with pytest.raises(OutputError):
                write(f"{tmp_path}/{name}", Image(COLOURS))
        assert not list(tmp_path.iterdir())

    def test_folder_missing_or_in_the_way(self, tmp_path):
        with pytest.raises(OutputError):
            write(tmp_path / "no" / "a.png", Image(COLOURS))
        (tmp_path / "b.png").mkdir()
        with pytest.raises(OutputError, match="folder"):
            write(tmp_path / "b.png", Image(COLOURS))
        assert not list((tmp_path / "b.png").iterdir())

    def test_order_is_file_rename_folder(self, tmp_path, monkeypatch):
        seen = []
        sync, replace = os.fsync, os.replace
        monkeypatch.setattr(atomic.os, "fsync", lambda h: (seen.append("fsync"), sync(h)))
        plain = type(tmp_path).replace
        monkeypatch.setattr(
            type(tmp_path), "replace", lambda self, to: (seen.append("rename"), plain(self, to))[1]
        )
        write(tmp_path / "a.png", Image(COLOURS))
        assert seen == ["fsync", "rename", "fsync"]
        assert replace is os.replace

    @pytest.mark.skipif(os.name == "nt", reason="needs the limits of Unix")
    def test_disk_that_fills_leaves_nothing(self, tmp_path):
        code = (
            "import resource, signal, sys, numpy as np\n"
            "from pixelwise.core import Image\nfrom pixelwise.io.files import write\n"
            "from pixelwise.errors import OutputError\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
            "noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8)\n"
            "try:\n    write(sys.argv[1], Image(noise))\n"
            "except OutputError as error:\n    print(error); sys.exit(error.exit_code)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "a.png")], capture_output=True, check=False
        )
        assert done.returncode == 7, done.stderr
        assert not list(tmp_path.iterdir())


def test_volume_when_its_name_has_no_suffix_then_the_content_decides(tmp_path):
    volume = Image.volume(np.arange(24, dtype=np.int16).reshape(2, 3, 4))
    (tmp_path / "IM0001").write_bytes(encode(volume, ".nrrd"))
    assert np.array_equal(read(tmp_path / "IM0001").pixels, volume.pixels)
    (tmp_path / "photo").write_bytes(encode(Image(np.full((4, 5), 7, np.uint8)), ".png"))
    assert read(tmp_path / "photo").size == (4, 5)
