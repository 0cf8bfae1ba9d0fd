# %% [markdown]
# # Regions
# Grown from a seed, split and merged, flooded, joined along weak borders, walked to at random,
# cut out of a box.
# %%
import skimage.data

import pixelwise as pw
from pixelwise.drawing import sheet

coffee = pw.Image(skimage.data.coffee())
cup = [(300, 180), (185, 95), (405, 95), (280, 25), (270, 215), (330, 150)]
ground = [(30, 30), (190, 8), (440, 8), (460, 100), (560, 30), (30, 380)]
ground += [(560, 380), (110, 250), (480, 250), (300, 340), (230, 265)]
clicks = pw.Prompts(points=cup + ground, labels=[1] * len(cup) + [0] * len(ground))
answers = {
    "region-growing": pw.segment(coffee, method="region-growing", seeds="300,170", tolerance=18),
    "random-walker": pw.segment(coffee, method="random-walker", prompts=clicks),
    "grabcut": pw.segment(coffee, method="grabcut", box=(165, 10, 415, 315)),
    "split-and-merge": pw.segment(coffee, method="split-and-merge"),
    "felzenszwalb": pw.segment(coffee, method="felzenszwalb", scale=300),
    "watershed": pw.segment(coffee, method="watershed", min_distance=15),
}
for name, answer in answers.items():
    print(f"{name:16} {answer.provenance.seconds['segment']:.2f} s")

# %%
page = sheet({name: pw.draw(coffee, answer) for name, answer in answers.items()}, columns=3)
pw.write("regions.jpg", page)
page
