# %% [markdown]
# # Through other formats and back
# What a format cannot hold is said, object by object: here the hole of a ring, in YOLO's polygons.
# %%
import subprocess
import sys
from pathlib import Path

import numpy as np

import pixelwise as pw

y, x = np.mgrid[:200, :300]
ring = (np.hypot(y - 100, x - 90) < 70) & (np.hypot(y - 100, x - 90) > 35)
disc = np.hypot(y - 110, x - 210) < 60
shapes = pw.Legend.of(["ring", "disc"], things=["ring", "disc"])
things = pw.Instances.of(np.array([ring, disc]), np.int32([0, 1]), shapes)
Path("shapes").mkdir(exist_ok=True)
pw.write("shapes/picture.coco.json", things)

# %%
line = ["convert", "shapes/picture.coco.json", "yolo", "--to", "yolo"]
told = subprocess.run(
    [sys.executable, "-m", "pixelwise", *line], capture_output=True, text=True, check=True
)
print(told.stderr)
drawn = pw.draw(pw.Image(np.full((200, 300), 230, np.uint8)), things)
pw.write("formats.png", drawn)
drawn
