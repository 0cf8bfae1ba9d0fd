# %% [markdown]
# # Cut a person out
# A network decides on a small picture, so its outline is soft. `snap` moves it onto the edge.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import cutout, outlines, sheet

picture = pw.Image(skimage.data.astronaut())
soft = pw.segment(picture, model="selfie")
sharp = pw.segment(picture, model="selfie", refine="snap")
pw.write("person.png", cutout(picture, sharp))

# %%
tiles = {
    "as the network draws it": outlines(picture, soft),
    "with --refine snap": outlines(picture, sharp),
    "cut out": pw.composite(picture, sharp, (255, 255, 255)),
}
page = sheet(tiles, columns=3)
pw.write("cutout.jpg", page)
page
