"""Many inputs, one job: nothing is lost, nothing is done twice, nothing is half there."""

from pixelwise.batch.engine import Engine
from pixelwise.batch.root import Root
from pixelwise.registry import Registry

__all__ = ["ENGINES", "ROOTS"]

ENGINES: Registry[type[Engine]] = Registry(
    "engine",
    {
        "local": "pixelwise.batch.local:Local",
        "ray": "pixelwise.batch.ray:Ray ray",
    },
)
"""What runs the work: processes of this machine, or others. One file and one row each."""

ROOTS: Registry[type[Root]] = Registry(
    "root",
    {
        "disk": "pixelwise.batch.disk:Disk",
        "remote": "pixelwise.batch.remote:Remote remote",
    },
)
"""Folders: on a disk, or in what fsspec reaches."""
