# %% [markdown]
# # One knob from fine to coarse
# `contour-hierarchy` ranks every boundary by how much colour and texture differ across it.
# %%
import numpy as np
import skimage.data

import pixelwise as pw

picture = pw.Image(skimage.data.coffee())
tiles = []
for scale in (0.2, 0.5, 0.8):
    regions = pw.segment(picture, method="contour-hierarchy", scale=scale)
    print(scale, regions.count, "regions")
    tiles.append(pw.draw(picture, regions).pixels)

# %%
sheet = pw.Image(np.hstack(tiles))
pw.write("scale_knob.jpg", sheet)
sheet
