# %% [markdown]
# # Point at the thing
# One set of prompts for every method that takes them: a box, or clicks on the thing (green) and
# beside it (red).
# %%
import cv2
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

picture = pw.Image(skimage.data.coffee())
cup = [(300, 180), (185, 95), (405, 95), (280, 25), (270, 215), (330, 150)]
beside = [(30, 30), (190, 8), (440, 8), (460, 100), (560, 30), (30, 380)]
beside += [(560, 380), (110, 250), (480, 250), (300, 340), (230, 265)]
labels = [1] * len(cup) + [0] * len(beside)
clicks, box = pw.Prompts(points=cup + beside, labels=labels), (165, 10, 415, 315)
given = picture.pixels.copy()
cv2.rectangle(given, box[:2], box[2:], (86, 180, 233), 3)
for place, label in zip(cup + beside, labels, strict=True):
    cv2.circle(given, place, 9, (0, 158, 115) if label else (213, 60, 0), -1, cv2.LINE_AA)
    cv2.circle(given, place, 9, (255, 255, 255), 2, cv2.LINE_AA)

# %%
results = {
    "grabcut, by the box": pw.segment(picture, method="grabcut", prompts=pw.Prompts(boxes=[box])),
    "random-walker, by the clicks": pw.segment(picture, method="random-walker", prompts=clicks),
    "region-growing, by one click": pw.segment(
        picture, method="region-growing", prompts=pw.Prompts(points=[(300, 170)]), tolerance=18
    ),
}
tiles = {name: pw.draw(picture, result) for name, result in results.items()}
page = sheet({"what is pointed at": pw.Image(given), **tiles}, columns=2, width=600)
pw.write("prompts.jpg", page)
page
