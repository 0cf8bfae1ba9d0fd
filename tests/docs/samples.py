"""The files that the documentation's snippets speak of."""

from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import rasterio
import skimage.data
from affine import Affine

import pixelwise as pw
from tests.films import film

__all__ = ["make_samples"]


def make_samples(folder: Path, data: Path) -> None:
    """Write small files under the names that the pages use; ``data`` holds the real ones."""
    data = data.resolve()
    (folder / "street.png").symlink_to(data / "camvid/test/Seq05VD_f01380.png")
    (folder / "vegas.tif").symlink_to(data / "geotiff_labelled/tiff_8channel_uint8.tif")
    people = data / "videos/one-by-one-person-detection.mp4"
    _excerpt(people, folder / "people.mp4", frames=100)
    pw.write(folder / "photo.jpg", pw.Image(skimage.data.astronaut()))
    pw.write(folder / "page.png", pw.Image(skimage.data.page()))
    pw.write(folder / "cells.png", pw.Image(skimage.data.coins()))
    discs = np.zeros((2, 120, 160), np.uint8)
    for number, plane in enumerate(discs):
        cv2.circle(plane, (60 + 4 * number, 60), 40, 255, -1)
    for name, plane in zip(("truth", "guess"), discs, strict=True):
        pw.write(folder / f"{name}.png", pw.Image(plane))
    for name, plane in zip(("truth", "predicted", "other"), (*discs, discs[1]), strict=True):
        (folder / name).mkdir()
        pw.write(folder / name / "disc.png", pw.Foreground(plane > 0))
    shapes = pw.Legend.of(["disc"], things=["disc"])
    things = pw.Instances.of(discs > 0, np.int32([0, 0]), shapes)
    pw.write(folder / "things.coco.json", things)
    (folder / "pictures").mkdir()
    for number in range(3):
        small = skimage.data.astronaut()[:128, number * 40 : number * 40 + 128]
        pw.write(folder / "pictures" / f"{number}.jpg", pw.Image(np.ascontiguousarray(small)))
    for name in ("talk", "street"):
        film(folder / f"{name}.mp4")
    film(folder / "drive.mp4", count=2)
    hat = np.zeros((20, 40, 4), np.uint8)
    hat[5:] = (60, 20, 80, 255)
    pw.write(folder / "hat.png", pw.Image(hat))
    _scan(folder / "ct.nii.gz")
    _scene(folder / "scene.tif")


def _scan(path: Path) -> None:
    """Write a bone of 300 Hounsfield units in water, beside air."""
    z, y, x = np.mgrid[:12, :24, :24]
    bone = np.hypot(y - 12, x - 12) < 6
    voxels = np.where(bone & (z > 1), 300, np.where(x < 2, -1000, 0)).astype(np.int16)
    pw.write(path, pw.Image.volume(voxels, pw.Space((2.0, 1.0, 1.0), unit="mm")))


def _scene(path: Path) -> None:
    """Write a raster of two bands that says which is which: plants on the left."""
    plants = np.arange(64) < 24
    bands = np.stack([np.where(plants, 700, 2400), np.where(plants, 4300, 2500)])
    transform = Affine(10, 0, 500_000, 0, -10, 5_200_000)
    with rasterio.open(
        path, "w", driver="GTiff", height=48, width=64, count=2, dtype="uint16",
        crs="EPSG:32633", transform=transform,
    ) as raster:  # fmt: skip
        raster.write(np.repeat(bands[:, np.newaxis], 48, axis=1).astype(np.uint16))
        raster.descriptions, raster.scales = ("red", "nir"), (1e-4, 1e-4)


def _excerpt(source: Path, target: Path, frames: int) -> None:
    """Copy the first frames of a film as they are."""
    with av.open(str(source)) as film, av.open(str(target), "w") as part:
        stream = part.add_stream_from_template(film.streams.video[0])
        for packet in islice(film.demux(video=0), frames):
            packet.stream = stream
            part.mux(packet)
