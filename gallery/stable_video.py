# %% [markdown]
# # A film with another background
# Frame by frame through the same segmenter, written as an animation.
# %%
import numpy as np
import skimage.data
from PIL import Image as Pillow

import pixelwise as pw
from pixelwise.drawing import Blur

wide = np.pad(skimage.data.astronaut(), ((0, 0), (120, 120), (0, 0)), mode="reflect")
segmenter = pw.find("selfie")
frames = []
for shift in (*range(0, 240, 24), *range(240, 0, -24)):
    picture = pw.Image(np.ascontiguousarray(wide[:, shift : shift + 512]))
    shown = pw.composite(picture, segmenter(picture), Blur(55)).pixels
    frames.append(Pillow.fromarray(shown).resize((256, 256)))

# %%
frames[0].save("stable_video.gif", save_all=True, append_images=frames[1:], duration=80, loop=0)
