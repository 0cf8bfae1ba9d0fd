# %% [markdown]
# # The four types, on one photo
# Foreground, semantic, instance and panoptic answers of the best models that are ready here.
# %%
import cv2
import numpy as np
import skimage.data

import pixelwise as pw

picture = pw.Image(skimage.data.astronaut())
tiles = []
for task in ("foreground", "semantic", "instance", "panoptic"):
    result = pw.segment(picture, task=task)
    print(f"{task}: {result.provenance.model}")
    strip = np.full((56, 512, 3), 255, np.uint8)
    cv2.putText(strip, task, (8, 40), cv2.FONT_HERSHEY_DUPLEX, 1.1, (30, 30, 30), 2, cv2.LINE_AA)
    tiles.append(np.vstack([strip, pw.draw(picture, result).pixels]))

# %%
sheet = pw.Image(np.hstack(tiles))
pw.write("four_types.jpg", sheet)
sheet
