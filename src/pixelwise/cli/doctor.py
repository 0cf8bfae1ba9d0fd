"""pixelwise doctor: what works on this machine."""

import json
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pixelwise import __version__
from pixelwise.catalog import Choice, choices, list_models, runtimes_here
from pixelwise.cli import options
from pixelwise.cli.exits import emit
from pixelwise.core import Task
from pixelwise.ops.compiled import COMPILED

__all__ = ["doctor"]

PACKAGES = (
    "numpy", "opencv-contrib-python-headless", "scikit-image", "scipy", "pillow", "av",
    "simplejpeg", "ai-edge-litert", "onnxruntime", "edt", "connected-components-3d", "fastremap",
)  # fmt: skip
EXTRAS = {
    "fast": "numba", "heif": "pillow-heif", "openvino": "openvino", "torch": "torch",
    "transformers": "transformers", "medical": "nibabel", "geo": "rasterio", "serve": "fastapi",
    "ray": "ray", "remote": "fsspec", "train": "lightning", "litert": "litert-torch",
    "totalsegmentator": "TotalSegmentator", "monai": "monai", "camera": "pyvirtualcam",
    "evaluate": "hotcoco",
}  # fmt: skip
"""Extra -> the package that shows that it is installed."""


def doctor(
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Say what works here: versions, runtimes, extras, models, and what each task would use."""
    packages = {name: _version(name) for name in PACKAGES}
    extras = {name: _version(package) for name, package in EXTRAS.items()}
    ready = [row.name for row in list_models() if row.ready]
    chosen = choices()
    if as_json:
        emit(
            json.dumps(
                {
                    "pixelwise": __version__,
                    "python": platform.python_version(),
                    "platform": platform.platform(),
                    "packages": packages,
                    "extras": extras,
                    "runtimes": runtimes_here(),
                    "compiled_kernels": COMPILED,
                    "models_ready": ready,
                    "tasks": {task: choice.line for task, choice in chosen.items()},
                }
            )
        )
        return
    _print(packages, extras, ready, chosen)


def _print(
    packages: dict[str, str | None],
    extras: dict[str, str | None],
    ready: list[str],
    chosen: dict[Task, Choice],
) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(f"pixelwise {__version__}, Python {platform.python_version()}")
    table = Table("part", "state")
    for name, found in packages.items():
        table.add_row(name, found or "[red]missing: pip install pixelwise[/]")
    for name, found in extras.items():
        line = found or f"not installed: pip install 'pixelwise[{name}]'"
        table.add_row(f"extra {name}", escape(line))
    for name, state in runtimes_here().items():
        table.add_row(f"runtime {name}", escape(state))
    table.add_row("models ready", ", ".join(ready) or "none: pixelwise models pull selfie")
    for task, choice in chosen.items():
        table.add_row(f"task {task}", choice.line)
    console.print(table)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
