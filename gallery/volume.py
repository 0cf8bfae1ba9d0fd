# %% [markdown]
# # A volume in millilitres
# Threshold a volume with known voxel size, keep the large parts, and measure in real units.
# %%
import numpy as np

import pixelwise as pw

z, y, x = np.mgrid[:40, :96, :96].astype(np.float32)
head = ((z - 20) / 18) ** 2 + ((y - 48) / 40) ** 2 + ((x - 48) / 34) ** 2
lesion = (z - 22) ** 2 * 4 + (y - 36) ** 2 + (x - 60) ** 2
noise = np.random.default_rng(0).normal(0, 25, z.shape)
voxels = np.where(lesion < 80, 220, np.where(head < 1, 120, 10)) + noise
scan = pw.Image.volume(voxels.astype(np.float32), pw.Space((3.0, 1.0, 1.0), unit="mm"))

# %%
bright = pw.segment(scan, method="hysteresis", low=170, high=200)
print(f"{scan.space.volume_of(bright.area) / 1000:.2f} mL")
overlay = pw.draw(scan, bright)
pw.write("volume.png", overlay)
overlay
