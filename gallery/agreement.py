# %% [markdown]
# # Do two methods agree?
# Scores between any two results: how well regions cover one another, and the chance-corrected share
# of pixel pairs on which they agree.
# %%
import cv2
import numpy as np
import skimage.data

import pixelwise as pw

picture = pw.Image(skimage.data.coffee())
names = ("felzenszwalb", "mean-shift", "rag-merge", "split-and-merge", "k-means")
results = [pw.segment(picture, method=name) for name in names]
table = np.array(
    [[pw.evaluate(a, b, metrics=("ari",))["ari"].value for b in results] for a in results]
)
print(np.round(table, 2))

# %%
cells = cv2.resize(
    (np.clip(table, 0, 1) * 255).astype(np.uint8), (400, 400), interpolation=cv2.INTER_NEAREST
)
heat = cv2.applyColorMap(cells, cv2.COLORMAP_VIRIDIS)[..., ::-1]
sheet = pw.Image(np.hstack([heat, *(pw.draw(picture, result).pixels for result in results[:2])]))
pw.write("agreement.jpg", sheet)
sheet
