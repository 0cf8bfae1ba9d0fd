# %% [markdown]
# # The four types on one photo
# Foreground, semantic, instance and panoptic answers of the best models that are ready here.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

picture = pw.Image(skimage.data.astronaut())
tiles = {}
for task in ("foreground", "semantic", "instance", "panoptic"):
    result = pw.segment(picture, task=task)
    print(f"{task}: {result.provenance.model}")
    tiles[task] = pw.draw(picture, result)

# %%
page = sheet(tiles, columns=2, width=512)
pw.write("four_types.jpg", page)
page
