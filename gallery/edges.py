# %% [markdown]
# # Edges
# What closed contours enclose: Canny's linked edges, a contour that shrinks round a thing, the
# shortest border between two flat parts, a line from click to click, and a hierarchy of all
# contours.
# %%
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.core import Prompts

coins = pw.Image(skimage.data.coins())
cat = pw.Image(skimage.data.chelsea()[:, 40:424])
clicks = [(58, 86), (110, 84), (150, 97), (172, 130), (172, 160), (125, 152), (88, 125)]
answers = [
    (coins, pw.segment(coins, method="canny")),
    (coins, pw.segment(coins, method="chan-vese", smoothness=2)),
    (coins, pw.segment(coins, method="marr-hildreth", sigma=4)),
    (cat, pw.segment(cat, method="live-wire", prompts=Prompts(points=clicks))),
    (cat, pw.segment(cat, method="contour-hierarchy", scale=0.45)),
    (cat, pw.segment(cat, method="geodesic-contour")),
]

# %%
tiles = [pw.draw(picture, answer).pixels[:300] for picture, answer in answers]
pw.write("edges.jpg", pw.Image(np.vstack([np.hstack(tiles[:3]), np.hstack(tiles[3:])])))
