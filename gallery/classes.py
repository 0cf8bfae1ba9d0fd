# %% [markdown]
# # What each pixel is
# DeepLab names the 21 classes of Pascal VOC. It calls what it does not know background.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

picture = pw.Image(skimage.data.chelsea())
result = pw.segment(picture, model="deeplab-v3")
shares = {result.legend.name(row): f"{(result.labels == row).mean():.0%}" for row in result.present}
print(shares)

# %%
page = sheet({"picture": picture, "classes": pw.draw(picture, result)}, columns=2)
pw.write("classes.jpg", page)
page
