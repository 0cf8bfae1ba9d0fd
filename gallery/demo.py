"""The main job on real pictures: run by ``make demo``, or ``python gallery/demo.py FOLDER``."""

import sys
import time
from pathlib import Path

import skimage.data
from rich.console import Console
from rich.table import Table

import pixelwise as pw
from pixelwise.drawing import Blur, Colour, cutout

CLASSICAL = {"coins": "otsu", "chelsea": "contour-hierarchy", "coffee": "felzenszwalb"}
"""Pictures that come with scikit-image, and the method that is tried on each."""


def main(folder: Path) -> None:
    """Segment each picture, write the pictures, and print what was done."""
    folder.mkdir(parents=True, exist_ok=True)
    table = Table("picture", "by", "found", "ms", "files")
    person = pw.best("foreground")
    picture = pw.Image(skimage.data.astronaut())
    result = person(picture)
    save = {
        "cutout": cutout(picture, result),
        "blurred": pw.composite(picture, result, Blur(55)),
        "blue": pw.composite(picture, result, Colour((40, 90, 200))),
        "overlay": pw.draw(picture, result),
    }
    for name, image in save.items():
        pw.write(folder / f"astronaut.{name}.png", image)
    table.add_row("astronaut", *_row(person, picture), ", ".join(save))
    for name, method in CLASSICAL.items():
        picture = pw.Image(getattr(skimage.data, name)())
        segmenter = pw.find(method)
        pw.write(folder / f"{name}.{method}.png", pw.draw(picture, segmenter(picture)))
        table.add_row(name, *_row(segmenter, picture), f"{method}.png")
    console = Console()
    console.print(table)
    console.print(f"Look at the pictures in [bold]{folder}[/]. Next: .venv/bin/pixelwise --help")


def _row(segmenter: object, picture: pw.Image) -> tuple[str, str, str]:
    start = time.perf_counter()
    result = segmenter(picture)
    spent = (time.perf_counter() - start) * 1000
    made = result.provenance
    share = (
        f"{result.mask.mean():.0%} foreground"
        if hasattr(result, "mask")
        else f"{result.count} regions"
    )
    return made.model or made.method, share, f"{spent:.0f}"


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output"))
