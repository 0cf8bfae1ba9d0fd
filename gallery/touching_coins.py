# %% [markdown]
# # Things that touch
# A threshold sees one blob where two coins touch; the watershed of the depth inside the blobs cuts
# them apart.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

coins = pw.Image(skimage.data.coins())
blobs = pw.segment(coins, method="otsu")
parted = pw.segment(coins, method="watershed", relief="blobs")

# %%
tiles = {"otsu": pw.draw(coins, blobs)}
tiles[f"watershed: {parted.count} regions"] = pw.draw(coins, parted)
page = sheet(tiles, columns=2)
pw.write("touching_coins.jpg", page)
page
