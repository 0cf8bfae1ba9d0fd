# %% [markdown]
# # Things that touch
# A threshold sees one blob where two coins touch; the watershed of the depth inside the blobs cuts
# them apart.
# %%
import numpy as np
import skimage.data

import pixelwise as pw

coins = pw.Image(skimage.data.coins())
blobs = pw.segment(coins, method="otsu")
parted = pw.segment(coins, method="watershed", relief="blobs")
print(parted.count, "regions")

# %%
sheet = pw.Image(np.hstack([pw.draw(coins, result).pixels for result in (blobs, parted)]))
pw.write("touching_coins.jpg", sheet)
sheet
