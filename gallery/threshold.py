# %% [markdown]
# # Thresholds
# One level for the whole picture (Otsu, Li, triangle), several (multi-Otsu), or one for each
# pixel, from what lies around it (Sauvola). Uneven light is what tells them apart.
# %%
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.drawing import outlines

page = pw.Image(skimage.data.page())
coins = pw.Image(skimage.data.coins()[:191])
rows = []
for picture, names in (
    (page, ("otsu", "triangle", "sauvola")),
    (coins, ("otsu", "li", "multi-otsu")),
):
    answers = {name: pw.segment(picture, method=name) for name in names}
    for name, answer in answers.items():
        print(name, *answer.provenance.notes)
    shown = [outlines(picture, answer).pixels for answer in answers.values()]
    rows.append(np.hstack(shown)[:191, :1150])

# %%
pw.write("threshold.jpg", pw.Image(np.vstack(rows)))
