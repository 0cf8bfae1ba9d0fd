"""Makes docs/pictures: one photo, four answers; and the moving one at the top of the README."""

from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image as Pillow

import pixelwise as pw
from pixelwise.drawing import sheet

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"


def film_frame(shift: int) -> Pillow.Image:
    """Return one frame of a camera that pans: as it is, segmented, blurred, blue."""
    wide = np.pad(skimage.data.astronaut(), ((0, 0), (60, 60), (0, 0)), mode="reflect")
    picture = pw.Image(np.ascontiguousarray(wide[:, shift : shift + 512]))
    person = pw.find("selfie")(picture)
    shown = {"camera": picture, "segmented": pw.draw(picture, person)}
    shown |= {look: pw.composite(picture, person, look) for look in ("blur", "royalblue")}
    return Pillow.fromarray(sheet(shown, columns=4, width=200).pixels)


photo = pw.Image(skimage.data.astronaut())
person = pw.best("foreground")(photo)
answers = {
    "photo": photo,
    "foreground": pw.draw(photo, person),
    "blur": pw.composite(photo, person, "blur"),
    "regions": pw.draw(photo, pw.segment(photo, method="contour-hierarchy", scale=0.6)),
}
pw.write(FOLDER / "astronaut.jpg", sheet(answers, columns=2, width=360))
first, *others = (film_frame(shift) for shift in (*range(0, 120, 15), *range(120, 0, -15)))
film = FOLDER / "film.webp"
first.save(film, save_all=True, append_images=others, duration=100, loop=0, quality=50)
