# %% [markdown]
# # Ids that last
# Two balls cross, one behind the other. The tracker keeps who is who, by motion, mask and colour.
# %%
import cv2
import numpy as np

import pixelwise as pw
from pixelwise.drawing import Trails, sheet
from pixelwise.tracking import TRACKERS

balls = pw.Legend.of(["ball"], things=["ball"])
tracker, show, shown = TRACKERS["hybrid-sort"](), Trails(), {}
for frame in range(40):
    pixels = np.full((200, 400, 3), 235, np.uint8)
    masks = np.zeros((2, 200, 400), np.uint8)
    for mask, x, y, colour in (
        (masks[0], 30 + 8.5 * frame, 90, (40, 120, 220)),
        (masks[1], 370 - 8.5 * frame, 110, (220, 110, 30)),
    ):
        cv2.circle(pixels, (round(x), y), 28, colour, -1, cv2.LINE_AA)
        cv2.circle(mask, (round(x), y), 28, 1, -1)
    masks[0] &= 1 - masks[1]
    picture = pw.Image(pixels)
    things = pw.Instances.of(masks > 0, np.int32([0, 0]), balls, score=np.float32([0.9, 0.9]))
    shown[f"frame {frame}"] = show(picture, tracker.update(picture, things))

# %%
page = sheet({name: shown[name] for name in ("frame 5", "frame 15", "frame 20", "frame 35")})
pw.write("tracking.png", page)
page
