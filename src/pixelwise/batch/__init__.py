"""Many inputs, one job: nothing is lost, nothing is done twice, nothing is half there."""

from pixelwise.batch.engine import Engine
from pixelwise.registry import Registry

__all__ = ["ENGINES"]

ENGINES: Registry[type[Engine]] = Registry(
    "engine",
    {
        "local": "pixelwise.batch.local:Local",
    },
)
"""What runs the work: processes of this machine, or others. One file and one row each."""
