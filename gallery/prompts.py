# %% [markdown]
# # Point at the thing
# The same prompts, a point or a box, for every method that takes them.
# %%
import numpy as np
import skimage.data

import pixelwise as pw

picture = pw.Image(skimage.data.coffee())
coffee = pw.Prompts(
    points=[(287, 150), (30, 30), (560, 360), (300, 250), (287, 45)], labels=[1, 0, 0, 0, 0]
)
cup = pw.Prompts(boxes=[(150, 20, 470, 330)])
results = [
    pw.segment(picture, method="grabcut", prompts=cup),
    pw.segment(picture, method="random-walker", prompts=coffee),
    pw.segment(picture, method="region-growing", prompts=coffee, tolerance=25),
]

# %%
sheet = pw.Image(np.hstack([pw.draw(picture, result).pixels for result in results]))
pw.write("prompts.jpg", sheet)
sheet
