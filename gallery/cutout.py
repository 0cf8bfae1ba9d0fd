# %% [markdown]
# # Cut a person out
# A network decides on a small picture, so its outline is soft. `snap` moves it onto the edge.
# %%
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.drawing import cutout, outlines

picture = pw.Image(skimage.data.astronaut())
soft = pw.segment(picture, model="selfie")
sharp = pw.segment(picture, model="selfie", refine="snap")
pw.write("person.png", cutout(picture, sharp))

# %%
on_white = pw.composite(picture, sharp, (255, 255, 255))
tiles = [outlines(picture, soft), outlines(picture, sharp), on_white]
sheet = pw.Image(np.hstack([tile.pixels for tile in tiles]))
pw.write("cutout.jpg", sheet)
sheet
