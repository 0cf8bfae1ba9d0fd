"""200 mutants of every picture format: no crash, no hang, no silent wrong size."""

import io

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageCms
from tifffile import imwrite

from pixelwise.core import Image
from pixelwise.io.files import encode

GENERATOR = np.random.default_rng(0)
Y, X = np.mgrid[0:40, 0:56]
SMOOTH = np.dstack([X * 4, Y * 6, (X * Y) % 256]).astype(np.uint8)
NOISE = GENERATOR.integers(0, 256, (40, 56, 3)).astype(np.uint8)
DEEP = GENERATOR.integers(0, 65536, (40, 56, 3)).astype(np.uint16)


def saved(kind, pixels=SMOOTH, **options):
    buffer = io.BytesIO()
    picture = pixels if isinstance(pixels, PillowImage.Image) else PillowImage.fromarray(pixels)
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(pixels, **options):
    buffer = io.BytesIO()
    imwrite(buffer, pixels, metadata=None, **options)
    return buffer.getvalue()


def rotated():
    tags = PillowImage.Exif()
    tags[274] = 6
    return tags.tobytes()


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
MORE = {"save_all": True, "append_images": [PillowImage.fromarray(NOISE)]}
FILES = {
    "png": lambda: {
        "a.png": encode(Image(NOISE), ".png"),
        "b.png": encode(Image(DEEP), ".png"),
        "c.png": saved("PNG", PillowImage.fromarray(SMOOTH).quantize(16), transparency=3),
        "d.png": saved("PNG", icc_profile=PROFILE, exif=rotated()),
        "e.png": saved("PNG", **MORE),
    },
    "jpeg": lambda: {
        "a.jpg": saved("JPEG"),
        "b.jpg": saved("JPEG", NOISE, progressive=True, exif=rotated()),
        "c.jpg": saved("JPEG", SMOOTH[..., 0], icc_profile=PROFILE),
        "d.jpg": saved("JPEG", PillowImage.fromarray(SMOOTH).convert("CMYK")),
    },
    "webp": lambda: {
        "a.webp": saved("WEBP", exif=rotated()),
        "b.webp": saved("WEBP", NOISE, lossless=True),
        "c.webp": saved("WEBP", **MORE),
    },
    "tiff": lambda: {
        "a.tif": tiff(SMOOTH, photometric="rgb"),
        "b.tif": tiff(DEEP, photometric="rgb", tile=(16, 16), compression="zlib"),
        "c.tif": tiff(NOISE[..., 0] / np.float32(255), photometric="minisblack"),
        "d.tif": tiff(np.moveaxis(DEEP, -1, 0), photometric="rgb", planarconfig="separate"),
        "e.tif": saved("TIFF", compression="tiff_lzw"),
        "f.tif": saved("TIFF", compression="jpeg"),
        "g.tif": saved("TIFF", SMOOTH[..., 0] > 100, compression="group4"),
        "h.tif": tiff(DEEP[..., 0], photometric="minisblack", bigtiff=True),
    },
    "bmp": lambda: {
        "a.bmp": saved("BMP"),
        "b.bmp": saved("BMP", PillowImage.fromarray(SMOOTH).quantize(16)),
        "c.bmp": saved("BMP", SMOOTH[..., 0] > 100),
    },
    "gif": lambda: {"a.gif": saved("GIF"), "b.gif": saved("GIF", **MORE)},
    "avif": lambda: {"a.avif": saved("AVIF"), "b.avif": saved("AVIF", NOISE, exif=rotated())},
}


@pytest.mark.parametrize("kind", FILES)
def test_no_mutant_breaks_the_contract(kind, damage):
    assert damage(FILES[kind]()) == []


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("import time; time.sleep(30)", "ran over"),
        ("import os; os.abort()", "ended the process with -6"),
        ("print('done', 0, 1, 'size (1, 2), the header says (2, 1)')", "size"),
        ("print('done', 0, 5000, 'ok')", "5000 MiB"),
    ],
)
def test_watch_sees_what_goes_wrong(watch, tmp_path, ending, said):
    child = tmp_path / "bad.py"
    child.write_text(f"print('start', 0, flush=True); {ending}")
    following, wrong = watch(tmp_path, 0, 1, child=child, deadline_s=0.5)
    assert following == 1
    assert len(wrong) == 1
    assert said in wrong[0]


def test_heif_mutants_keep_the_contract(damage):
    plugin = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    plugin.from_pillow(PillowImage.fromarray(SMOOTH)).save(buffer)
    assert damage({"a.heic": buffer.getvalue()}) == []
