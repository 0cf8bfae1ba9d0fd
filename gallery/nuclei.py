# %% [markdown]
# # Cells by a network of our own
# `nuclei-unet` ships with pixelwise: it was trained here, on CC0 pictures, and needs no network.
# The picture is drawn, as a fluorescence microscope would see it.
# %%
import cv2
import numpy as np

import pixelwise as pw
from pixelwise.drawing import sheet

dice = np.random.default_rng(3)
field = np.full((256, 384), 12, np.float32)
for _ in range(45):
    cell = np.zeros_like(field)
    centre = tuple(int(side) for side in dice.integers((10, 10), (374, 246)))
    axes = tuple(int(side) for side in dice.integers(9, 18, 2))
    cv2.ellipse(cell, centre, axes, dice.uniform(0, 180), 0, 360, dice.uniform(60, 180), -1)
    field = np.maximum(field, cv2.GaussianBlur(cell, (0, 0), 1.6))
noisy = np.clip(field + dice.normal(0, 4, field.shape), 0, 255).astype(np.uint8)

# %%
picture = pw.Image(noisy)
cells = pw.segment(picture, model="nuclei-unet")
print(len(cells), "nuclei, by", cells.provenance.model)
page = sheet({"picture": picture, f"{len(cells)} nuclei": pw.draw(picture, cells)}, columns=2)
pw.write("nuclei.jpg", page)
page
