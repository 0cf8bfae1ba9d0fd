# %% [markdown]
# # A street as a car must see it
# No dependency carries a street that may be shown: this one is drawn, and its classes with it.
# %%
import cv2
import numpy as np

import pixelwise as pw
from pixelwise.apps.driving import DRIVING, BirdsEye
from pixelwise.drawing import sheet

street, labels = np.zeros((384, 768, 3), np.uint8), np.full((384, 768), 10, np.int32)
street[:] = np.linspace((120, 165, 215), (215, 225, 235), 384)[:, np.newaxis]  # class 10: sky
dice, wide, glass = np.random.default_rng(4), np.array((-1, 1, 1, -1)), (60, 70, 85)
# Class, colour, and corners: how far to the side, how near (1 / distance), from and to what height.
quads = [("sidewalk", (146,) * 3, wide * 9, (2, 2, 0.02, 0.02), 0, 0)]
quads += [("road", (86,) * 3, wide * 1.5, (2, 2, 0.02, 0.02), 0, 0)]
for n in (0.12, 0.2, 0.35, 0.7):
    quads += [("lane marking", (225,) * 3, wide * 0.04, (1.4 * n, 1.4 * n, n, n), 0, 0)]
for x, n in ((x, n) for n in (0.1, 0.15, 0.22, 0.34, 0.55, 0.95) for x in (-2.6, 2.6)):
    wall = dice.integers((110, 90, 80), (200, 170, 150))
    quads += [("building", wall, x, (1.6 * n, n, n, 1.6 * n), 0, 7)]
    for m, up in ((m, up) for m in (1.1 * n, 1.3 * n, 1.5 * n) for up in (1.2, 2.6, 4, 5.4)):
        quads += [("building", glass, x, (m, 1.08 * m, 1.08 * m, m), up, up + 0.8)]
for x, n, paint in ((-0.8, 0.3, (225, 225, 228)), (0.75, 0.5, (170, 30, 35))):
    parts = ((0.38, 0, 0.3, (35,) * 3), (0.4, 0.15, 0.75, paint), (0.32, 0.75, 1.25, glass))
    quads += [("car", ink, wide * half + x, n, low, up) for half, low, up, ink in parts]
for name, colour, *corners in quads:
    x, near, up = np.broadcast_arrays(*corners[:2], np.repeat(corners[2:], 2))
    spots = np.int32(np.rint([384 + 260 * x * near, 190 + 130 * near * (1 - up)]).T)
    cv2.fillPoly(street, [spots], np.array(colour).tolist(), cv2.LINE_AA)
    cv2.fillPoly(labels, [spots], DRIVING.id_of(name))

# %%
picture, scene = pw.Image(street), pw.to_panoptic(pw.Semantic(labels, DRIVING))
above = BirdsEye.of((45, 355, 315, 225, 453, 225, 723, 355))(picture, scene)
tiles = {"street": picture, "scene": pw.draw(picture, scene)}
page = sheet({**tiles, "from above": pw.Image(above.pixels[200:400])}, columns=3)
pw.write("street.jpg", page)
page
