# %% [markdown]
# # Superpixels
# Small even pieces that keep to edges, for other methods to work on.
# %%
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.drawing import outlines

picture = pw.Image(skimage.data.rocket())
fine = pw.segment(picture, method="slic", segments=800)
coarse = pw.segment(picture, method="slic", segments=150)
merged = pw.segment(picture, method="rag-merge", tolerance=12)
print(fine.count, coarse.count, merged.count)

# %%
sheet = pw.Image(np.hstack([outlines(picture, answer).pixels for answer in (fine, coarse, merged)]))
pw.write("superpixels.jpg", sheet)
sheet
