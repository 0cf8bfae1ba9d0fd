"""The main job on real pictures: run by ``make demo``, or ``python gallery/demo.py FOLDER``."""

import sys
from pathlib import Path

import skimage.data
from rich.console import Console
from rich.table import Table

import pixelwise as pw
from pixelwise.drawing import cutout

CLASSICAL = {"coins": "otsu", "chelsea": "contour-hierarchy", "coffee": "felzenszwalb"}


def main(folder: Path) -> None:
    """Segment each picture, write what comes of it, and print what was done."""
    folder.mkdir(parents=True, exist_ok=True)
    table = Table("picture", "by", "found", "ms", "files")
    for name in ("astronaut", *CLASSICAL):
        picture = pw.Image(getattr(skimage.data, name)())
        segmenter = pw.find(CLASSICAL[name]) if name in CLASSICAL else pw.best("foreground")
        _, result = segmenter(picture), segmenter(picture)  # the first call compiles
        shown = {"overlay": pw.draw(picture, result)}
        if name not in CLASSICAL:
            shown |= {look: pw.composite(picture, result, look) for look in ("blur", "royalblue")}
            shown["cutout"] = cutout(picture, result)
        for look, image in shown.items():
            pw.write(folder / f"{name}.{look}.png", image)
        regions = isinstance(result, pw.Regions)
        found = f"{result.count} regions" if regions else f"{result.mask.mean():.0%} foreground"
        made = result.provenance
        spent = sum(made.seconds.values()) * 1000
        table.add_row(name, made.model or made.method, found, f"{spent:.0f}", ", ".join(shown))
    Console().print(table)
    Console().print(f"Look at the pictures in [bold]{folder}[/]. Next: .venv/bin/pixelwise --help")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output"))
