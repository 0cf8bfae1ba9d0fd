# %% [markdown]
# # Real scans, in millilitres
# A CT slice that comes with pydicom and an MR volume that comes with nibabel: tissues by their
# Hounsfield units, the brain by its brightness, each measured in real units.
# %%
from pathlib import Path

import nibabel
from pydicom.data import get_testdata_file

import pixelwise as pw
from pixelwise.apps.medical.presets import preset
from pixelwise.drawing import sheet

ct = pw.read(get_testdata_file("CT_small.dcm", download=False))
scans = nibabel.load(Path(nibabel.__file__).parent / "tests/data/example4d.nii.gz")
nibabel.save(scans.slicer[..., 0], "head.nii.gz")
head = pw.read("head.nii.gz")

# %%
bone, brain = preset("ct-bone")(ct), pw.segment(head, method="otsu")
tiles = {
    "CT slice": ct,
    f"bone: {ct.space.volume_of(bone.area) / 1000:.1f} mL": pw.draw(ct, bone),
    "MR volume": head,
    f"brain: {head.space.volume_of(brain.area) / 1000:.0f} mL": pw.draw(head, brain),
}
page = sheet(tiles, columns=2)
pw.write("volume.jpg", page)
page
