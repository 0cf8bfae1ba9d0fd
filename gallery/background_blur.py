# %% [markdown]
# # Blur the background
# The person stays sharp, whatever lies behind. The foreground's colours are freed of the old
# background at the edge, so that no halo is left.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import Blur, Colour, sheet

picture = pw.Image(skimage.data.astronaut())
person = pw.find("selfie")(picture)
person

# %%
tiles = {
    "as it is": picture,
    "blurred": pw.composite(picture, person, Blur(55)),
    "a colour": pw.composite(picture, person, Colour((40, 90, 200))),
    "a picture": pw.composite(picture, person, pw.Image(skimage.data.rocket())),
}
page = sheet(tiles, columns=2)
pw.write("background_blur.jpg", page)
page
