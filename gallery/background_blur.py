# %% [markdown]
# # Blur the background
# The guide's first effect: the person stays sharp. The foreground's colours are freed of the old
# background at the edge, so that no halo is left.
# %%
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.drawing import Blur, Colour

picture = pw.Image(skimage.data.astronaut())
person = pw.find("selfie")(picture)
person

# %%
blurred = pw.composite(picture, person, Blur(55))
blue = pw.composite(picture, person, Colour((40, 90, 200)))
beach = pw.composite(picture, person, pw.Image(skimage.data.rocket()))
sheet = pw.Image(np.hstack([image.pixels for image in (picture, blurred, blue, beach)]))
pw.write("background_blur.jpg", sheet)
sheet
