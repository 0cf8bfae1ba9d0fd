# %% [markdown]
# # What each pixel is
# DeepLab, the guide's network, names 21 classes of Pascal VOC.
# %%
import numpy as np
import skimage.data

import pixelwise as pw

picture = pw.Image(skimage.data.chelsea())
result = pw.segment(picture, model="deeplab-v3")
shares = {result.legend.name(row): f"{(result.labels == row).mean():.0%}" for row in result.present}
print(shares)

# %%
sheet = pw.Image(np.hstack([picture.pixels, pw.draw(picture, result).pixels]))
pw.write("classes.jpg", sheet)
sheet
