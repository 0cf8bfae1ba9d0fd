# %% [markdown]
# # Colours as clusters
# k-means finds the colours of a photo; each pixel gets the mean of its cluster.
# %%
import numpy as np
import skimage.data

import pixelwise as pw

picture = pw.Image(skimage.data.chelsea())
tiles = [picture.pixels]
for clusters in (3, 6, 12):
    labels = pw.segment(picture, method="k-means", clusters=clusters, connected=False).labels
    means = [picture.pixels[labels == label].mean(axis=0) for label in range(1, labels.max() + 1)]
    tiles.append(np.array([(0, 0, 0), *means]).astype(np.uint8)[labels])

# %%
sheet = pw.Image(np.hstack(tiles))
pw.write("posterise.jpg", sheet)
sheet
