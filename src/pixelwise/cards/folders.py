"""Where models and cards lie on this machine."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["cache_folder", "cards_folders", "model_folders"]


def model_folders(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the folders of ``PIXELWISE_MODEL_PATH``, in order.

    >>> len(model_folders({"PIXELWISE_MODEL_PATH": ""}))
    0
    """
    parts = environment.get("PIXELWISE_MODEL_PATH", "").split(os.pathsep)
    return tuple(Path(part) for part in parts if part)


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the folder for what is downloaded; None when there is no home to put it in.

    ``PIXELWISE_CACHE`` if it is set, else the platform's own place: ``%LOCALAPPDATA%`` on Windows,
    ``~/Library/Caches`` on macOS, ``$XDG_CACHE_HOME`` or ``~/.cache`` elsewhere.

    >>> cache_folder({"PIXELWISE_CACHE": "here"}).name
    'here'
    >>> cache_folder({}) is None
    True
    """
    given = environment.get("PIXELWISE_CACHE", "")
    if given:
        return Path(given)
    platform_folder = _platform_cache(environment)
    return None if platform_folder is None else platform_folder / "pixelwise"


def cards_folders(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the folders that may hold added cards: ``<cache>/cards`` and ``PIXELWISE_CARDS``."""
    cache = cache_folder(environment)
    parts = environment.get("PIXELWISE_CARDS", "").split(os.pathsep)
    found = [] if cache is None else [cache / "cards"]
    return tuple(found + [Path(part) for part in parts if part])


def _platform_cache(environment: Mapping[str, str]) -> Path | None:
    if sys.platform == "win32":
        return _under(environment, "LOCALAPPDATA")
    if sys.platform == "darwin":
        return _under(environment, "HOME", "Library", "Caches")
    return _under(environment, "XDG_CACHE_HOME") or _under(environment, "HOME", ".cache")


def _under(environment: Mapping[str, str], variable: str, *parts: str) -> Path | None:
    root = environment.get(variable, "")
    return Path(root, *parts) if root and Path(root).is_absolute() else None
