# %% [markdown]
# # Edges
# What closed contours enclose: Canny's linked edges, a contour that shrinks round a thing, the
# shortest border between two flat parts, a line from click to click, and a hierarchy of all
# contours.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

coins = pw.Image(skimage.data.coins())
cat = pw.Image(skimage.data.chelsea()[:, 40:424])
clicks = [(58, 86), (110, 84), (150, 97), (172, 130), (172, 160), (125, 152), (88, 125)]
answers = {
    "canny": (coins, {}),
    "chan-vese": (coins, {"smoothness": 2}),
    "marr-hildreth": (coins, {"sigma": 4}),
    "live-wire": (cat, {"prompts": pw.Prompts(points=clicks)}),
    "contour-hierarchy": (cat, {"scale": 0.45}),
    "geodesic-contour": (cat, {}),
}

# %%
tiles = {
    name: pw.draw(picture, pw.segment(picture, method=name, **settings))
    for name, (picture, settings) in answers.items()
}
page = sheet(tiles, columns=3)
pw.write("edges.jpg", page)
page
