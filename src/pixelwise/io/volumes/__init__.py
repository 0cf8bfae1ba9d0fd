"""Volume formats: NIfTI, DICOM series and segmentations, NRRD, MetaImage, surface meshes.

Volumes are held as (D, H, W, C): the file's axes k, j, i, so that the bytes of a file that counts
i fastest are used as they lie. ``Space.spacing`` follows the array axes, in mm; ``Space.affine``
takes the file's (i, j, k, 1) to world millimetres, x to the right, y to the front, z to the head
(RAS, as NIfTI; what DICOM, NRRD and MetaImage state in LPS is turned when read and written).
"""
