"""Every kind of image segmentation behind one call.

>>> import pixelwise as pw
>>> picture = pw.Image(np.repeat(np.uint8([[10, 200]]), 4, axis=0))
>>> pw.segment(picture, method="otsu").mask[0].tolist()
[False, True]
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_FACE = {
    "pixelwise.core": (
        "Foreground",
        "Image",
        "Instances",
        "Legend",
        "Panoptic",
        "Prompts",
        "Regions",
        "Semantic",
        "Space",
        "Task",
    ),
    "pixelwise.catalog": (
        "best",
        "composite",
        "find",
        "list_methods",
        "list_models",
        "segment",
    ),
    "pixelwise.convert": ("fuse", "to_foreground", "to_instances", "to_panoptic", "to_semantic"),
    "pixelwise.drawing": ("draw",),
    "pixelwise.evaluation": ("evaluate",),
    "pixelwise.io.files": ("read", "write"),
    "pixelwise.pipeline": ("run",),
}
"""Module -> what the public face takes from it, imported when first asked for: `import pixelwise`
stays fast, and a program that only thresholds never loads a network runtime."""

__all__ = [  # noqa: PLE0604 - the names of the table above, and the errors
    *sorted(name for names in _FACE.values() for name in names),
    "errors",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    for module, names in _FACE.items():
        if name in names:
            value = getattr(import_module(module), name)
            globals()[name] = value
            return value
    if name == "errors":
        return import_module("pixelwise.errors")
    raise AttributeError(f"module 'pixelwise' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
