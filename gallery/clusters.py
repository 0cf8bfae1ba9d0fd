# %% [markdown]
# # Clusters
# Pixels that are alike in colour, and in place where that is asked for: k-means, a mixture of
# Gaussians that finds its own number, the modes of mean shift, and superpixels.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

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
tiles = {name: pw.draw(picture, answer) for name, answer in answers.items()}
page = sheet({"picture": picture, **tiles}, columns=3)
pw.write("clusters.jpg", page)
page
