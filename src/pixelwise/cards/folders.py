"""Where models and cards lie on this machine."""

import atexit
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

from pixelwise.errors import OutputError

__all__ = [
    "StoreWarning",
    "cache_folder",
    "cards_folders",
    "folder_to_fill",
    "model_folders",
    "roots_of",
]


class StoreWarning(UserWarning):
    """Something about the model store that a user should know and that stops nothing."""


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


def folder_to_fill(cache: Path | None, *parts: str) -> Path:
    """Return ``cache/parts...`` if it can be written, else the same in a temporary folder.

    The temporary folder lives as long as the process; that is warned of once.

    Raises:
        OutputError: There is no temporary folder either.
    """
    why = "there is no home folder to put a cache into"
    if cache is not None:
        folder = cache.joinpath(*parts)
        try:
            _try_writing(folder)
        except OSError as error:
            why = f"the cache {cache} cannot be written ({error.strerror or error})"
        else:
            return folder
    folder = _temporary_root(why).joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def roots_of(cache: Path | None) -> tuple[Path, ...]:
    """Return the folders that hold downloads in this process."""
    own = () if cache is None else (cache,)
    return own + tuple(_TEMPORARY)


_TEMPORARY: list[Path] = []


def _temporary_root(why: str) -> Path:
    if not _TEMPORARY:
        try:
            root = Path(tempfile.mkdtemp(prefix="pixelwise-"))
        except OSError as error:
            raise OutputError(f"{why}, and there is no temporary folder: {error}") from error
        atexit.register(shutil.rmtree, root, ignore_errors=True)
        _TEMPORARY.append(root)
        warnings.warn(
            f"{why}: models are kept in {root} until this process ends; set PIXELWISE_CACHE to a "
            "folder that can be written",
            StoreWarning,
            stacklevel=4,
        )
    return _TEMPORARY[0]


def _try_writing(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder, prefix=".room."):
        pass


def _platform_cache(environment: Mapping[str, str]) -> Path | None:
    if sys.platform == "win32":
        return _under(environment, "LOCALAPPDATA")
    if sys.platform == "darwin":
        return _under(environment, "HOME", "Library", "Caches")
    return _under(environment, "XDG_CACHE_HOME") or _under(environment, "HOME", ".cache")


def _under(environment: Mapping[str, str], variable: str, *parts: str) -> Path | None:
    root = environment.get(variable, "")
    return Path(root, *parts) if root and Path(root).is_absolute() else None
