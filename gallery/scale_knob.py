# %% [markdown]
# # One knob from fine to coarse
# `contour-hierarchy` ranks every boundary by how much colour and texture differ across it.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

picture = pw.Image(skimage.data.coffee())
tiles = {"picture": picture}
for scale in (0.2, 0.5, 0.8):
    regions = pw.segment(picture, method="contour-hierarchy", scale=scale)
    tiles[f"scale {scale}: {regions.count} regions"] = pw.draw(picture, regions)

# %%
page = sheet(tiles, columns=2)
pw.write("scale_knob.jpg", page)
page
