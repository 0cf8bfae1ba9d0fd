"""Makes the picture at the top of the README: one photo, four answers."""

from pathlib import Path

import cv2
import numpy as np
import skimage.data

import pixelwise as pw

SIDE = 240


def main() -> None:
    """Write docs/pictures/astronaut.jpg."""
    picture = pw.Image(skimage.data.astronaut())
    person = pw.best("foreground")(picture)
    regions = pw.find("contour-hierarchy", scale=0.6)(picture)
    answers = [
        picture,
        pw.draw(picture, person),
        pw.composite(picture, person, "blur"),
        pw.composite(picture, person, (70, 130, 180)),
        pw.draw(picture, regions),
    ]
    tiles = [
        cv2.resize(answer.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for answer in answers
    ]
    target = Path(__file__).parents[1] / "docs" / "pictures" / "astronaut.jpg"
    target.parent.mkdir(exist_ok=True)
    pw.write(target, pw.Image(np.hstack(tiles)))


if __name__ == "__main__":
    main()
