"""Maps: memory at any size, time beside the model's, polygons, true areas, land cover scores.

python bench/rasters.py --data DIR --models DIR [--quick]
"""

import subprocess
import sys
import tempfile
import time
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyproj
import rasterio
import rasterio.features
import shapely
from numpy.typing import NDArray

from harness import arguments, finish
from pixelwise.apps.satellite.areas import Ground, class_areas
from pixelwise.apps.satellite.choosing import Choice
from pixelwise.apps.satellite.job import MapJob, made_map
from pixelwise.apps.satellite.polygons import polygons_of
from pixelwise.catalog import find
from pixelwise.core import Image, Legend
from pixelwise.errors import ModelError
from pixelwise.io.files import read
from pixelwise.io.rasters.grids import space_of
from pixelwise.methods.deep.network import Network
from pixelwise.ops.windows import Window
from pixelwise.pipeline import in_parallel

warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
NETWORKS = {"ukis-csmask-4b-l1c": 1024, "road-adas": 2048}
"""Network -> side of the map; those that are not here are left out."""
ROUNDS = 5
SIDES = (4096, 16384, 65536)
PLACES = {
    "EPSG:32633": (30.0, -30.0, 300000.0, 5400000.0),
    "EPSG:3857": (300.0, -300.0, 1000000.0, 8000000.0),
    "EPSG:3035": (100.0, -100.0, 4000000.0, 3000000.0),
    "EPSG:3995": (1000.0, -1000.0, -120000.0, 150000.0),
    "EPSG:5070": (90.0, -90.0, -1500000.0, 2500000.0),
    "EPSG:4326": (0.01, -0.01, 10.0, 60.0),
}


def main() -> None:
    asked = arguments("Maps")
    figures: dict[str, float] = {}
    figures |= memory(SIDES[:2] if asked.quick else SIDES)  # a child counts its parent's peak, too
    figures |= areas()
    figures |= polygons(2500 if asked.quick else 10_000)
    for name, side in NETWORKS.items():
        figures |= overhead(asked.data, name, side // 2 if asked.quick else side)
    figures |= things(asked.data)
    figures |= scores(asked.data, 7 if asked.quick else None)
    for name, value in figures.items():
        print(f"{name:40} {value:12.5f}")
    finish(figures)


def memory(sides: tuple[int, ...]) -> dict[str, float]:
    """Peak memory in GB of `pixelwise map` on sparse rasters; four windows hold something."""
    made = {}
    for side in sides:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sparse.tif"
            _sparse(path, side)
            start = time.perf_counter()
            code = (  # the kernel's ru_maxrss would begin with what this process has held
                "from pixelwise.cli import main\n"
                "try: main()\n"
                "finally:\n"
                "    lines = open('/proc/self/status').read().splitlines()\n"
                "    print('peak', next(line.split()[1] for line in lines if 'VmHWM' in line))"
            )
            command = [sys.executable, "-c", code, "map", str(path), "--index", "b1"]
            command += ["--levels", "0.4", "--save", "labels,areas,polygons", "--no-overviews"]
            done = subprocess.run(
                [*command, "-o", str(Path(folder) / "out")],
                capture_output=True,
                text=True,
                check=True,
            )
            peak = int(done.stdout.split("peak")[1]) / 1e6
            made[f"raster_{side // 1024}k_peak_gb"] = peak
            made[f"raster_{side // 1024}k_s"] = time.perf_counter() - start
            print(f"{side}: {peak:.2f} GB", flush=True)
    return made


def _sparse(path: Path, side: int) -> None:
    grid = {"crs": "EPSG:32633", "transform": rasterio.Affine(1, 0, 4e5, 0, -1, 5e6)}
    profile = {"driver": "GTiff", "height": side, "width": side, "count": 1, "dtype": "uint8"}
    profile |= {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
    generator = np.random.default_rng(0)
    with rasterio.open(
        path, "w", sparse_ok=True, nodata=0, bigtiff="IF_SAFER", **profile, **grid
    ) as target:
        for _ in range(4):
            y, x = generator.integers(0, side - 512, 2)
            values = generator.integers(1, 255, (1, 16, 16)).astype(np.uint8)
            window = rasterio.windows.Window(int(x), int(y), 512, 512)
            target.write(values.repeat(32, 1).repeat(32, 2), window=window)


def overhead(data: Path, name: str, side: int) -> dict[str, float]:
    """Time of a map by a network over that of the network alone on as many windows.

    Alone it runs window by window on two threads, and on one thread in each of two of ours;
    loading is left out.
    """
    try:
        network = find(name, threads=2, offline=True)
    except ModelError as error:
        print(f"{name} is left out: {error}", flush=True)
        return {}
    if not isinstance(network, Network):
        return {}
    tall, wide = network.card.input.size
    bands = network.card.input.bands or ("red", "green", "blue")
    count = (-(-(side - tall) // int(tall * 0.75)) + 1) * (
        -(-(side - wide) // int(wide * 0.75)) + 1
    )
    picture = read(data / "geotiff" / "detectree" / "big_img" / "1091-322_00.tif").pixels
    pixels = np.tile(picture, (-(-side // 600), -(-side // 875), 2))[:side, :side, : len(bands)]
    values = pixels if len(bands) == 3 else pixels.astype(np.float32) / 255
    places = [(n * 97 % (side - tall), n * 61 % (side - wide)) for n in range(count)]
    windows = [np.ascontiguousarray(values[y : y + tall, x : x + wide]) for y, x in places]
    network(Image(windows[0]))
    beside = network.side_by_side().warm()
    list(in_parallel(beside, [Image(window) for window in windows[:2]], 2))
    loading = _spent(
        lambda: (
            find(name, threads=2, offline=True),
            network.side_by_side().warm()(Image(windows[0])),
        )
    )
    clocks = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.tif"
        profile = {"height": side, "width": side, "count": len(bands), "dtype": "uint8"}
        with rasterio.open(path, "w", driver="GTiff", tiled=True, **profile) as target:
            target.write(np.moveaxis(pixels, -1, 0))
        numbers = {band: number for number, band in enumerate(bands, 1)}
        choice = Choice(model=name, settings={"threads": "2", "offline": "true"})
        for _ in range(ROUNDS):
            alone = _spent(lambda: [network(Image(window)) for window in windows])
            both = _spent(
                lambda: deque(in_parallel(beside, map(Image, windows), 2), maxlen=0),
            )
            job = MapJob(sources=(path,), choice=choice, bands=numbers)
            whole = _spent(lambda: made_map(job, Path(folder) / str(len(clocks))))  # noqa: B023
            first = loading - alone / count  # the first window of a session is slow
            clocks.append((whole - first, alone, both))
    whole, alone, both = np.median(clocks, axis=0)
    made = {"": whole / alone, "_beside": whole / both}
    for key, (wall, cpu) in made.items():
        print(f"{name}{key}: {count} windows, wall {wall:.2f}, processor {cpu:.2f} of the network")
    return {
        f"map_over_{name}{key}_{clock}": float(ratio)
        for key, row in made.items()
        for clock, ratio in zip(("wall", "cpu"), row, strict=True)
    }


def _spent(work: Callable[[], object]) -> NDArray[np.float64]:
    """Return the seconds of the clock and of the processor that ``work`` takes."""
    start, busy = time.perf_counter(), time.process_time()
    work()
    return np.array([time.perf_counter() - start, time.process_time() - busy])


def regions(side: int) -> NDArray[np.int32]:
    """About one region for 2000 pixels, with wavy borders."""
    generator = np.random.default_rng(1)
    y, x = np.mgrid[:side, :side].astype(np.float32)
    pitch = (side * side / (side * side / 2000)) ** 0.5
    waves = []
    for _ in range(2):
        coarse = generator.standard_normal((side // 16, side // 16)).astype(np.float32)
        waves.append(cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 2), (side, side)) * 60)
    rows, columns = (y + waves[0]) // pitch, (x + waves[1]) // pitch
    labels = (rows - rows.min()) * (columns.max() - columns.min() + 1) + columns - columns.min()
    return labels.astype(np.int32) + 1


def polygons(side: int) -> dict[str, float]:
    """Time of rasterio.features.shapes and shapely's union over ours, same areas."""
    labels = regions(side)
    count = len(np.unique(labels))
    small = labels[:64, :64]
    list(polygons_of([(Window(0, 0, 64, 64), small)], 0))  # compiles
    start, busy = time.perf_counter(), time.process_time()
    found = list(polygons_of(_strips(labels), 0))
    ours = time.perf_counter() - start, time.process_time() - busy
    total = np.zeros(labels.max() + 1)
    for one in found:
        np.add.at(total, one.label, shapely.area(one.shape))
    start, busy = time.perf_counter(), time.process_time()
    pieces: dict[int, list[Any]] = {}
    for shape, value in rasterio.features.shapes(labels):
        pieces.setdefault(int(value), []).append(shapely.geometry.shape(shape))
    joined = {value: shapely.union_all(parts) for value, parts in pieces.items()}
    theirs = time.perf_counter() - start, time.process_time() - busy
    expected = np.zeros_like(total)
    for value, shape in joined.items():
        expected[value] = shape.area
    error = float(np.max(np.abs(total - expected) / np.maximum(expected, 1)))
    print(f"{count} regions: {theirs[1]:.1f} s and {ours[1]:.1f} s of processor", flush=True)
    return {
        "polygons_regions": count,
        "polygons_wall_ratio": theirs[0] / ours[0],
        "polygons_cpu_ratio": theirs[1] / ours[1],
        "polygons_area_error": error,
    }


def _strips(labels: NDArray[np.int32]) -> list[tuple[Window, NDArray[np.int32]]]:
    rows = max(1, (1 << 24) // labels.shape[1])
    return [
        (Window(top, 0, min(rows, len(labels) - top), labels.shape[1]), labels[top : top + rows])
        for top in range(0, len(labels), rows)
    ]


def areas() -> dict[str, float]:
    """Largest relative error of class areas against geodesic polygons of pyproj, in percent."""
    worst = {}
    labels = np.random.default_rng(0).integers(0, 2, (24, 32)).repeat(10, 0).repeat(10, 1)
    for name, (dx, dy, x0, y0) in PLACES.items():
        space = space_of(rasterio.Affine(dx, 0, x0, 0, dy, y0), rasterio.crs.CRS.from_string(name))
        ground = Ground(space, labels.shape)
        strips = [(Window(0, 0, *labels.shape), labels)]
        rows = class_areas(strips, Legend.of(["a", "b"]), ground, labels.shape)
        expected = geodesic(labels, (dx, dy, x0, y0), name)
        errors = [abs(row.hectares * 1e4 / expected[row.label] - 1) for row in rows]
        worst[f"area_error_percent_{name.removeprefix('EPSG:')}"] = max(errors) * 100
    return worst


def geodesic(labels: NDArray[Any], grid: tuple[float, ...], name: str) -> NDArray[np.float64]:
    """Areas in m2 of both labels, from blocks whose sides are followed closely."""
    dx, dy, x0, y0 = grid
    crs = pyproj.CRS.from_user_input(name)
    geod = crs.get_geod()
    across = pyproj.Transformer.from_crs(crs, crs.geodetic_crs or crs, always_xy=True)
    side, zeros, tens = np.linspace(0, 10, 21), np.zeros(21), np.full(21, 10.0)
    u = np.concatenate([side, tens, side[::-1], zeros])
    v = np.concatenate([zeros, side, tens, side[::-1]])
    total = np.zeros(2)
    for top in range(0, labels.shape[0], 10):
        for left in range(0, labels.shape[1], 10):
            at = across.transform(x0 + dx * (left + u), y0 + dy * (top + v))
            total[labels[top, left]] += abs(geod.polygon_area_perimeter(*at)[0])
    return total


def things(data: Path) -> dict[str, float]:
    """F at IoU 0.5 of nuclei on the large test pictures: a map in windows, the whole at once.

    And the share of the things of the map that the whole has, too.
    """
    network, folder = find("nuclei-mask-rcnn"), data / "nuclei_dsb2018" / "test"
    hits = dict.fromkeys(("map", "whole", "both"), 0)
    counts = {"map": 0, "whole": 0, "truth": 0}
    for path in sorted((folder / "images").glob("*.png")):
        image = read(path)
        if min(image.size) < 1024:
            continue
        alone = network(image)
        whole = np.zeros(image.size, np.int32)
        for row in np.argsort(alone.segments.score, kind="stable"):
            whole[alone.crops[row].window][alone.crops[row].mask] = row + 1
        with tempfile.TemporaryDirectory() as scratch:
            choice = Choice(model="nuclei-mask-rcnn")
            made = made_map(MapJob(sources=(path,), choice=choice, bands=RGB), Path(scratch)).now
            numbers = np.concatenate([rows for _, rows in made.numbers()])
        truth = read(folder / "labels" / path.name).pixels[..., 0].astype(np.int32)
        hits["map"] += _matched(numbers, truth)
        hits["whole"] += _matched(whole, truth)
        hits["both"] += _matched(numbers, whole)
        for key, labels in (("map", numbers), ("whole", whole), ("truth", truth)):
            counts[key] += len(np.unique(labels[labels > 0]))
    return {
        "things_map_f50": 2 * hits["map"] / (counts["map"] + counts["truth"]),
        "things_whole_f50": 2 * hits["whole"] / (counts["whole"] + counts["truth"]),
        "things_map_as_whole": hits["both"] / counts["map"],
    }


RGB = {"red": 1, "green": 2, "blue": 3}


def _matched(one: NDArray[np.int32], other: NDArray[np.int32]) -> int:
    """Count the things of two label maps whose IoU is above 0.5."""
    pairs, both = np.unique(np.stack([one.ravel(), other.ravel()]), axis=1, return_counts=True)
    first, second = np.bincount(one.ravel()), np.bincount(other.ravel())
    either = first[pairs[0]] + second[pairs[1]] - both
    return int(((both * 2 > either) & (pairs > 0).all(axis=0)).sum())


def scores(data: Path, most: int | None = None) -> dict[str, float]:
    """IoU of untrained methods on forest, solar panels and roads; of objects on forest."""
    made = {}
    for key, folder, level in (
        ("forest", "sentinel2_forest", 127),
        ("solar", "solar_gsi", 127),
        ("roads", "roads_epfl", 127),
    ):
        paths = sorted((data / folder / "images").glob("*.png"))[:most]
        truths = [
            read(data / folder / "masks" / path.name).pixels[..., 0] > level for path in paths
        ]
        for name, choice in UNTRAINED.items():
            masks = [_mapped(path, choice) for path in paths]
            made[f"{key}_{name}_iou"] = max(
                _iou([mask == side for mask in masks], truths)
                for side in range(int(max(mask[mask < 255].max() for mask in masks)) + 1)
            )
        print(key, {n: round(v, 3) for n, v in made.items() if n.startswith(key)}, flush=True)
        if key == "forest":
            pairs = tuple((path, data / folder / "masks" / path.name) for path in paths[:5])
            choice = Choice(method="objects", train=pairs, names=("other", "forest"))
            masks = [_mapped(path, choice) == 1 for path in paths[5:]]
            made["forest_objects_iou"] = _iou(masks, truths[5:])
    return made


UNTRAINED = {
    "otsu_exg": Choice(method="otsu", index="exg"),
    "otsu_red": Choice(method="otsu", index="red"),
    "k_means": Choice(method="k-means", settings={"clusters": "3"}),
}


def _mapped(path: Path, choice: Choice) -> NDArray[np.uint8]:
    with tempfile.TemporaryDirectory() as folder:
        made = made_map(MapJob(sources=(path,), choice=replace(choice)), Path(folder)).now
        return np.concatenate([labels for _, labels in made.strips()])


def _iou(masks: list[NDArray[np.bool_]], truths: list[NDArray[np.bool_]]) -> float:
    both = sum((mask & truth).sum() for mask, truth in zip(masks, truths, strict=True))
    either = sum((mask | truth).sum() for mask, truth in zip(masks, truths, strict=True))
    return float(both / either)


if __name__ == "__main__":
    main()
