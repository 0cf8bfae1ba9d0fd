# %% [markdown]
# # Thresholds
# One level for the whole picture (Otsu, Li, triangle), several (multi-Otsu), or one for each
# pixel, from what lies around it (Sauvola). Uneven light is what tells them apart.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import outlines, sheet

page = pw.Image(skimage.data.page())
coins = pw.Image(skimage.data.coins()[:191])
tiles = {}
for picture, names in (
    (page, ("otsu", "triangle", "sauvola")),
    (coins, ("otsu", "li", "multi-otsu")),
):
    for name in names:
        answer = pw.segment(picture, method=name)
        print(name, *answer.provenance.notes)
        tiles[f"{name}, {'page' if picture is page else 'coins'}"] = outlines(picture, answer)

# %%
shown = sheet(tiles, columns=3)
pw.write("threshold.jpg", shown)
shown
