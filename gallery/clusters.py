# %% [markdown]
# # Clusters
# Pixels that are alike in colour, and in place where that is asked for: k-means, a mixture of
# Gaussians that finds its own number, the modes of mean shift, and superpixels.
# %%
import numpy as np
import skimage.data

import pixelwise as pw

picture = pw.Image(skimage.data.astronaut()[:400])
answers = {
    "k-means": pw.segment(picture, method="k-means", clusters=5),
    "gaussian-mixture": pw.segment(picture, method="gaussian-mixture", components=0),
    "mean-shift": pw.segment(picture, method="mean-shift", min_size=100),
    "slic": pw.segment(picture, method="slic", segments=200, compactness=20),
    "quickshift": pw.segment(picture, method="quickshift", max_distance=40),
}
for name, answer in answers.items():
    print(f"{name:17} {answer.count:4} regions, {answer.provenance.seconds['segment']:.2f} s")

# %%
tiles = [picture.pixels, *(pw.draw(picture, answer).pixels for answer in answers.values())]
pw.write("clusters.jpg", pw.Image(np.vstack([np.hstack(tiles[:3]), np.hstack(tiles[3:])])))
