"""The RUNTIMES table: what runs a network's file."""

from pixelwise.core import Session
from pixelwise.registry import Registry
from pixelwise.runtimes.loading import Loader, default_threads

__all__ = ["PACKAGES", "RUNTIMES", "Loader", "Session", "default_threads"]

RUNTIMES: Registry[Loader] = Registry(
    "runtime",
    {
        "litert": "pixelwise.runtimes.litert:load",
        "onnx": "pixelwise.runtimes.onnx:load",
    },
)
"""Name -> ``load(path, *, threads, device) -> Session``."""

PACKAGES = {"litert": "ai_edge_litert", "onnx": "onnxruntime"}
"""Name -> the package that it stands on."""
