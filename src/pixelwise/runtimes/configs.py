"""What the ``config.json`` of a folder of transformers says; read without importing anything."""

import json
from pathlib import Path
from typing import Any

from pixelwise.errors import ModelError

__all__ = ["CONFIG", "config_of", "folder_of", "model_type"]

CONFIG = "config.json"
"""The file that says what a folder of transformers holds."""


def folder_of(path: Path) -> Path:
    """Return the folder: ``path`` itself, or the one that the file lies in."""
    return path if path.is_dir() else path.parent


def config_of(path: Path, file: str = CONFIG) -> dict[str, Any]:
    """Return what a JSON file of the folder says.

    Raises:
        ModelError: There is none, or it is damaged.
    """
    folder = folder_of(path)
    try:
        config = json.loads((folder / file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder} has no {file} that can be read; expected a folder that save_pretrained wrote"
        ) from error
    if not isinstance(config, dict):
        raise ModelError(f"{folder / file} holds no table")
    return config


def model_type(path: Path) -> str:
    """Return the kind of network, such as ``sam2``, in the words of transformers.

    Raises:
        ModelError: The folder does not say.
    """
    kind = config_of(path).get("model_type")
    if not isinstance(kind, str):
        raise ModelError(
            f"{folder_of(path) / CONFIG} has no model_type; expected a folder that save_pretrained "
            "wrote"
        )
    return kind
