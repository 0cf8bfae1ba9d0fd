# %% [markdown]
# # A page in uneven light
# One level for the whole page drowns a corner; a level for each pixel's surroundings does not.
# %%
import numpy as np
import skimage.data

import pixelwise as pw

page = pw.Image(skimage.data.page())
answers = [
    pw.segment(page, method="otsu", side="darker"),
    pw.segment(page, method="niblack", side="darker", radius=12),
    pw.segment(page, method="sauvola", side="darker", radius=12),
]

# %%
tiles = [np.where(answer.mask, 0, 255).astype(np.uint8) for answer in answers]
sheet = pw.Image(np.vstack([page.pixels[..., 0], *tiles]))
pw.write("scanned_page.png", sheet)
sheet
