"""Annotation formats: reading COCO JSON against pycocotools, PNG masks against Pillow, the chain.

The 5 000 pictures are synthesised in the shape of COCO's val2017: 7.3 annotations a picture, mostly
polygons of 20 to 60 points, with its usual fields.
"""

import contextlib  # noqa: I001
import io
import json
import tempfile
import time
from pathlib import Path

import harness
import numpy as np
from PIL import Image as PillowImage
from pictures import blobs
from pycocotools.coco import COCO

from pixelwise.core import Foreground
from pixelwise.io.annotations.coco_tables import RowsByOwner, legend_of
from pixelwise.io.annotations.converting import convert, open_dataset
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.codecs.png_samples import KERNELS
from pixelwise.io.encoders import png_mask
from pixelwise.io.labels import read_labels

CHAIN = ("cityscapes", "voc", "coco", "yolo", "labelme", "coco")


def synthetic(path: Path, pictures: int) -> None:
    """Write a COCO JSON."""
    generator = np.random.default_rng(0)
    images = [
        {
            "license": 1,
            "file_name": f"{number:012d}.jpg",
            "coco_url": f"http://images.example.org/val2017/{number:012d}.jpg",
            "height": 480,
            "width": 640,
            "date_captured": "2013-11-14 17:02:52",
            "id": number,
        }
        for number in range(1, pictures + 1)
    ]
    rows = []
    for number in range(int(7.3 * pictures)):
        count = int(generator.integers(20, 60))
        angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
        radius = generator.uniform(10, 120)
        x = np.round(320 + radius * np.cos(angles) * generator.uniform(0.5, 1, count), 2)
        y = np.round(240 + radius * np.sin(angles) * generator.uniform(0.5, 1, count), 2)
        rows.append(
            {
                "segmentation": [np.stack([x, y], 1).reshape(-1).tolist()],
                "area": round(float(np.ptp(x) * np.ptp(y)), 2),
                "iscrowd": 0,
                "image_id": int(generator.integers(1, pictures + 1)),
                "bbox": [float(x.min()), float(y.min()), float(np.ptp(x)), float(np.ptp(y))],
                "category_id": int(generator.integers(1, 81)),
                "id": number + 1,
            }
        )
    categories = [{"supercategory": "a", "id": n, "name": f"class {n}"} for n in range(1, 81)]
    table = {
        "info": {"year": 2017},
        "images": images,
        "annotations": rows,
        "categories": categories,
    }
    path.write_text(json.dumps(table))


def ours(path: Path) -> int:
    """Read and index: rows by picture and by class, pictures, classes."""
    tables = JsonTables(path)
    legend_of(tables)
    by_picture = RowsByOwner(tables)
    by_class = RowsByOwner(tables, "category_id")
    ids = tables.whole_numbers("images", "id")
    places = tables.whole_numbers("annotations", "id")
    return len(by_picture.of(int(ids[0]))) + len(by_class.of(1)) + len(places)


def theirs(path: Path) -> int:
    """Read and index as pycocotools does."""
    with contextlib.redirect_stdout(io.StringIO()):
        made = COCO(str(path))
    return len(made.anns)


def chain(data: Path, folder: Path) -> dict[str, float]:
    """Print what each step of the chain lost."""
    place, figures = data / "coco_val", {}
    for step, name in enumerate(CHAIN):
        start = time.perf_counter()
        target = folder / f"{step}-{name}"
        report = convert(open_dataset(place), target, name)
        print(f"\n{place.name} -> {name}: {time.perf_counter() - start:.1f} s")
        for line in report.summary():
            print(f"  {line[:160]}")
        figures[f"chain_{step}_{name}_objects"] = report.written
        place = target
    return figures


def readings(folder: Path, ready: Path, mask: np.ndarray, rounds: int) -> dict[str, float]:
    """Return how much longer Pillow takes to read masks and label maps, by who wrote them."""
    KERNELS.warm()  # as after some hundred files
    labels = blobs(19)
    maps = {
        "pillow_mask": mask.view(np.uint8) * np.uint8(255),
        "pillow_labels": labels.astype(np.uint8),
        "pillow_labels_16_bits": (300 * labels + 7).astype(np.uint16),
    }
    places = {"our_mask": ready}
    for name, values in maps.items():
        places[name] = folder / f"{name}.png"
        PillowImage.fromarray(values).save(places[name])
    figures = {}
    for name, place in places.items():
        jobs = {
            "pillow": lambda place=place: np.asarray(PillowImage.open(place)).astype(np.int32),
            "ours": lambda place=place: read_labels(place),
        }
        times = harness.interleave(jobs, rounds=rounds)
        middle, low, high = harness.ratio(times["pillow"], times["ours"])
        figures[f"png_read_{name}_ratio"] = middle
        print(f"  read {name:21} {middle:.1f} ({low:.1f} to {high:.1f})")
    return figures


def main() -> None:
    options = harness.arguments(__doc__ or "")
    rounds = 3 if options.quick else 9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "instances.json"
        synthetic(path, 500 if options.quick else 5000)
        jobs = {"pycocotools": lambda: theirs(path), "ours": lambda: ours(path)}
        times = harness.interleave(jobs, rounds=rounds, warm=1)
        figures = {"coco_json_ratio": harness.ratio(times["pycocotools"], times["ours"])[0]}
        print(f"COCO JSON of {path.stat().st_size >> 20} MiB, read and indexed, median ms")
        for job, spent in times.items():
            print(f"  {job:12} {np.median(spent):8.1f}")

        mask = np.zeros((1080, 1920), bool)
        yy, xx = np.ogrid[:1080, :1920]
        for cy, cx, radius in ((400, 500, 250), (700, 1300, 300), (200, 1500, 120)):
            mask |= (yy - cy) ** 2 + (xx - cx) ** 2 < radius**2
        result, ready = Foreground(mask), folder / "mask.png"
        ready.write_bytes(png_mask(result))

        def pillow_write() -> bytes:
            buffer = io.BytesIO()
            PillowImage.fromarray(mask.view(np.uint8) * np.uint8(255)).save(buffer, "PNG")
            return buffer.getvalue()

        writers = harness.interleave(
            {"pillow": pillow_write, "ours": lambda: png_mask(result)}, rounds=rounds
        )
        figures["png_mask_write_ratio"] = harness.ratio(writers["pillow"], writers["ours"])[0]
        print("PNG 1920x1080, Pillow / ours:")
        print(f"  mask written       {figures['png_mask_write_ratio']:.1f}")
        figures |= readings(folder, ready, mask, rounds)
        figures |= chain(options.data, folder)
    for key, value in figures.items():
        print(f"{key:28} {value:.2f}")
    harness.finish(figures)


if __name__ == "__main__":
    main()
