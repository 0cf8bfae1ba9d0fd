# %% [markdown]
# # A map of vegetation, in hectares
# A small scene with red and near-infrared bands: NDVI parts plants from bare ground, and areas are
# true areas on the ground, whatever the map's projection.
# %%
import subprocess
import sys

import numpy as np
import rasterio
from affine import Affine

import pixelwise as pw

y, x = np.mgrid[:240, :320]
noise = np.random.default_rng(0).normal(0, 120, (240, 320))
green = np.clip(1.4 - np.hypot(y - 110, x - 130) / 100 + (x > 260) * 0.5, 0, 1)
red = 2400 - 1700 * green + noise
infrared = 2500 + 1800 * green + noise
with rasterio.open(
    "scene.tif", "w", driver="GTiff", height=240, width=320, count=2, dtype="uint16",
    crs="EPSG:32633", transform=Affine(10, 0, 500_000, 0, -10, 5_200_000), nodata=0,
) as raster:  # fmt: skip
    raster.write(np.stack([red, infrared]).astype(np.uint16))

# %%
line = "map scene.tif -o map --preset vegetation --bands red=1,nir=2 --scale 0.0001"
subprocess.run([sys.executable, "-m", "pixelwise", *line.split()], check=True)
overlay = pw.read("map/overlay.png")
pw.write("map.png", overlay)
overlay
