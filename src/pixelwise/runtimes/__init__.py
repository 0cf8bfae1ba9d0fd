"""The RUNTIMES table: what runs a network's file."""

from collections.abc import Callable

from pixelwise.core import Session
from pixelwise.registry import Registry
from pixelwise.runtimes.asking import Promptable
from pixelwise.runtimes.loading import Builder, Loader, default_threads

__all__ = [
    "BUILDERS",
    "PACKAGES",
    "PROMPTABLES",
    "RUNTIMES",
    "Builder",
    "Loader",
    "Promptable",
    "Session",
    "default_threads",
]

RUNTIMES: Registry[Loader] = Registry(
    "runtime",
    {
        "litert": "pixelwise.runtimes.litert:load",
        "onnx": "pixelwise.runtimes.onnx:load",
        "openvino": "pixelwise.runtimes.openvino:load openvino",
        "torch": "pixelwise.runtimes.torch:load torch",
        "transformers": "pixelwise.runtimes.transformers:load transformers",
        "meshnet": "pixelwise.runtimes.meshnet:load",
    },
)
"""Name -> ``load(path, *, threads, device) -> Session``."""

BUILDERS: Registry[Builder] = Registry("builder", {"torch": "pixelwise.runtimes.torch:build torch"})
"""Name -> ``build(path, architecture, ...) -> Session``, for files that hold weights alone."""

_POINTED = "pixelwise.runtimes.pointed:load transformers"
_DESCRIBED = "pixelwise.runtimes.described:load transformers"

PROMPTABLES: Registry[Callable[..., Promptable]] = Registry(
    "promptable",
    {
        "sam": _POINTED,
        "sam2": _POINTED,
        "sam2_video": _POINTED,
        "sam3_tracker": _POINTED,
        "sam3": _DESCRIBED,
        "sam3_video": _DESCRIBED,
        "clipseg": _DESCRIBED,
    },
)
"""``model_type`` of a folder of transformers -> ``load(path, *, threads, device)``."""

PACKAGES = {
    "litert": "ai_edge_litert",
    "onnx": "onnxruntime",
    "meshnet": "onnxruntime",
    "openvino": "openvino",
    "torch": "torch",
    "transformers": "transformers",
}
"""Name -> the package that it imports; asked for without importing it."""
