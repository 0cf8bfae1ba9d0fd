# %% [markdown]
# # Colours as clusters
# k-means finds the colours of a photo; each pixel gets the mean of its cluster.
# %%
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

picture = pw.Image(skimage.data.chelsea())
tiles = {"picture": picture}
for clusters in (3, 6, 12):
    labels = pw.segment(picture, method="k-means", clusters=clusters, connected=False).labels
    means = [picture.pixels[labels == label].mean(axis=0) for label in range(1, labels.max() + 1)]
    flat = np.array([(0, 0, 0), *means]).astype(np.uint8)[labels]
    tiles[f"{clusters} colours"] = pw.Image(flat)

# %%
page = sheet(tiles, columns=2)
pw.write("posterise.jpg", page)
page
