# %% [markdown]
# # A page in uneven light
# One level for the whole page drowns a corner; a level for each pixel's surroundings does not.
# %%
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

page = pw.Image(skimage.data.page())
tiles = {"page": page}
for method, settings in {"otsu": {}, "niblack": {"radius": 12}, "sauvola": {"radius": 12}}.items():
    ink = pw.segment(page, method=method, side="darker", **settings)
    tiles[method] = pw.Image(np.where(ink.mask, 0, 255).astype(np.uint8))

# %%
shown = sheet(tiles, columns=2)
pw.write("scanned_page.png", shown)
shown
