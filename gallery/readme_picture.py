"""Makes the two pictures at the top of the README: one photo, four answers; and a moving one."""

from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image as Pillow

import pixelwise as pw

SIDE = 240
FOLDER = Path(__file__).parents[1] / "docs" / "pictures"


def main() -> None:
    """Write docs/pictures/astronaut.jpg and docs/pictures/film.webp."""
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
    pw.write(FOLDER / "astronaut.jpg", pw.Image(np.hstack([small(answer) for answer in answers])))
    frames = [film_frame(shift) for shift in (*range(0, 120, 20), *range(120, 0, -20))]
    frames[0].save(
        FOLDER / "film.webp",
        save_all=True,
        append_images=frames[1:],
        duration=120,
        loop=0,
        quality=50,
    )


def film_frame(shift: int) -> Pillow.Image:
    """Return one frame of a camera that pans: as it is, blurred, blue."""
    wide = np.pad(skimage.data.astronaut(), ((0, 0), (60, 60), (0, 0)), mode="reflect")
    picture = pw.Image(np.ascontiguousarray(wide[:, shift : shift + 512]))
    person = pw.find("selfie")(picture)
    shown = [picture, *(pw.composite(picture, person, name) for name in ("blur", (40, 90, 200)))]
    return Pillow.fromarray(np.hstack([small(answer) for answer in shown]))


def small(image: pw.Image) -> np.ndarray:
    """Return the picture at the size at which it is shown."""
    return cv2.resize(image.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    main()
