"""The FORMATS table: every file format by its suffix. Reading and writing is in ``files``."""

from pixelwise.io.format import Format
from pixelwise.registry import Registry

__all__ = ["FORMATS"]

FORMATS: Registry[Format] = Registry(
    "format",
    {
        ".png": "pixelwise.io.pictures:PNG",
        ".jpg": "pixelwise.io.pictures:JPEG",
        ".jpeg": "pixelwise.io.pictures:JPEG",
        ".webp": "pixelwise.io.pictures:WEBP",
        ".tif": "pixelwise.io.tiff:TIFF",
        ".tiff": "pixelwise.io.tiff:TIFF",
        ".geotiff": "pixelwise.io.rasters.geotiff:GEOTIFF geo",
        ".bmp": "pixelwise.io.pictures:BMP",
        ".gif": "pixelwise.io.pictures:GIF",
        ".avif": "pixelwise.io.pictures:AVIF",
        ".heic": "pixelwise.io.pictures:HEIF heif",
        ".heif": "pixelwise.io.pictures:HEIF heif",
        ".mp4": "pixelwise.io.video.still:FIRST_FRAME",
        ".m4v": "pixelwise.io.video.still:FIRST_FRAME",
        ".mov": "pixelwise.io.video.still:FIRST_FRAME",
        ".mkv": "pixelwise.io.video.still:FIRST_FRAME",
        ".webm": "pixelwise.io.video.still:FIRST_FRAME",
        ".coco.json": "pixelwise.io.coco:COCO",
        ".panoptic.json": "pixelwise.io.coco:COCO_PANOPTIC",
        ".nii": "pixelwise.io.volumes.nifti:NIFTI medical",
        ".nii.gz": "pixelwise.io.volumes.nifti:NIFTI_GZ medical",
        ".dcm": "pixelwise.io.volumes.dicom:DICOM medical",
        ".nrrd": "pixelwise.io.volumes.nrrd:NRRD",
        ".nhdr": "pixelwise.io.volumes.nrrd:NRRD",
        ".mha": "pixelwise.io.volumes.metaimage:META_IMAGE",
        ".mhd": "pixelwise.io.volumes.metaimage:META_IMAGE",
        ".npy": "pixelwise.io.arrays:NPY",
        ".npz": "pixelwise.io.arrays:NPZ",
        ".stl": "pixelwise.io.volumes.meshes:STL",
        ".ply": "pixelwise.io.volumes.meshes:PLY",
        ".obj": "pixelwise.io.volumes.meshes:OBJ",
    },
)
"""Suffix in lower case -> the format. A new format is one file and one row."""
