# %% [markdown]
# # Which threshold is best here?
# With the truth at hand every method gets a score. The truth is drawn, so that we know it.
# %%
import cv2
import numpy as np

import pixelwise as pw
from pixelwise.drawing import sheet

truth = np.zeros((240, 320), np.uint8)
for centre, radius in (((80, 90), 45), ((210, 120), 60), ((150, 200), 20)):
    cv2.circle(truth, centre, radius, 1, -1)
light = np.linspace(60, 110, 320)[np.newaxis]
noise = np.random.default_rng(1).normal(0, 8, truth.shape)
picture = pw.Image(np.clip(light + truth * 60 + noise, 0, 255).astype(np.uint8))

# %%
tiles = {"picture": picture}
for name in ("otsu", "adaptive", "chan-vese"):
    result = pw.segment(picture, method=name, **({"radius": 60} if name == "adaptive" else {}))
    scores = pw.evaluate(pw.Foreground(truth > 0), result, metrics=("dice", "boundary_f"))
    told = f"Dice {scores['dice'].value:.3f}, boundary F {scores['boundary_f'].value:.3f}"
    tiles[f"{name}: {told}"] = pw.draw(picture, result)
page = sheet(tiles, columns=2)
pw.write("evaluate.jpg", page)
page
