# %% [markdown]
# # A page in uneven light
# One level for the whole page drowns a corner; a level for each pixel's surroundings does not.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import mask_picture, sheet

page = pw.Image(skimage.data.page())
tiles = {"page": page}
for method, settings in {"otsu": {}, "niblack": {"radius": 12}, "sauvola": {"radius": 12}}.items():
    paper = pw.segment(page, method=method, side="brighter", **settings)
    tiles[method] = mask_picture(paper)

# %%
shown = sheet(tiles, columns=2)
pw.write("scanned_page.png", shown)
shown
