# %% [markdown]
# # Superpixels
# Small even pieces that keep to edges, for other methods to work on.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import outlines, sheet

picture = pw.Image(skimage.data.rocket())
fine = pw.segment(picture, method="slic", segments=800)
coarse = pw.segment(picture, method="slic", segments=150)
merged = pw.segment(picture, method="rag-merge", tolerance=12)

# %%
tiles = {
    f"slic: {fine.count}": outlines(picture, fine),
    f"slic: {coarse.count}": outlines(picture, coarse),
    f"rag-merge: {merged.count}": outlines(picture, merged),
}
page = sheet(tiles, columns=3, width=640)
pw.write("superpixels.jpg", page)
page
