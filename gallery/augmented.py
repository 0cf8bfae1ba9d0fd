# %% [markdown]
# # Something virtual, behind the person and before
# A planet hangs behind her, hidden where she stands before it; a ring hangs in front. Light of the
# background wraps around the edges.
# %%
import cv2
import numpy as np
import skimage.data

import pixelwise as pw
from pixelwise.apps.ar import Scene, Sprite, parse_layer
from pixelwise.drawing import Picture, sheet

planet = np.zeros((300, 300, 4), np.uint8)
for radius in range(140, 0, -1):
    light = 255 - radius
    cv2.circle(planet, (150 - (140 - radius) // 3, 150), radius, (light, light // 2, 60, 255), -1)
ring = np.zeros((120, 360, 4), np.uint8)
cv2.ellipse(ring, (180, 60), (170, 45), 0, 0, 360, (255, 220, 120, 255), 14, cv2.LINE_AA)
layers = [
    parse_layer(Sprite.still(pw.Image(planet)), "screen:x=0.72,y=0.25,width=0.5,behind"),
    parse_layer(Sprite.still(pw.Image(ring)), "person:at=head,front"),
]

# %%
picture = pw.Image(skimage.data.astronaut())
person = pw.segment(picture, model="selfie")
night = cv2.resize(skimage.data.hubble_deep_field(), (512, 512))
tiles = {
    "in her own room": Scene(layers)(picture, person),
    "in space": Scene(layers, Picture(pw.Image(night)))(picture, person),
}
page = sheet(tiles, columns=2, width=512)
pw.write("augmented.jpg", page)
page
