# %% [markdown]
# # Do two methods agree?
# Scores between any two results: the chance-corrected share of pixel pairs on which they agree
# (adjusted Rand index). Yellow is full agreement; the diagonal names the methods.
# %%
import cv2
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

picture = pw.Image(skimage.data.coffee())
names = ("felzenszwalb", "mean-shift", "rag-merge", "split-and-merge", "k-means")
results = {name: pw.segment(picture, method=name) for name in names}
table = np.array(
    [
        [pw.evaluate(a, b, metrics=("ari",))["ari"].value for b in results.values()]
        for a in results.values()
    ]
)
print(np.round(table, 2))

# %%
levels = np.kron(np.clip(table, 0, 1) * 255, np.ones((80, 120))).astype(np.uint8)
heat = np.ascontiguousarray(cv2.applyColorMap(levels, cv2.COLORMAP_VIRIDIS)[..., ::-1])
for (row, column), value in np.ndenumerate(table):
    words = names[row] if row == column else f"{value:.2f}"
    ink = (0, 0, 0) if value > 0.5 else (255, 255, 255)
    place = (column * 120 + 4, row * 80 + 45)
    cv2.putText(heat, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, ink, 1, cv2.LINE_AA)
shown = {"agreement": pw.Image(heat)}
shown |= {name: pw.draw(picture, results[name]) for name in ("felzenszwalb", "k-means")}
page = sheet(shown, columns=3)
pw.write("agreement.jpg", page)
page
