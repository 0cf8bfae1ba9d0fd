# %% [markdown]
# # How sure the network is
# The soft answer kept: bright where the network could not decide.
# %%
import cv2
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

picture = pw.Image(skimage.data.astronaut())
person = pw.segment(picture, model="selfie")
doubt = 1 - np.abs(2 * person.alpha - 1)
print(f"{(doubt > 0.5).mean():.1%} of the pixels are in doubt")

# %%
heat = cv2.applyColorMap((doubt * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
tiles = {"picture": picture, "person": pw.draw(picture, person), "in doubt": pw.Image(heat)}
page = sheet(tiles, columns=3)
pw.write("how_sure.jpg", page)
page
