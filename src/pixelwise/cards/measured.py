"""What was measured on this machine, by card: it goes before what the package says."""

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pixelwise.cards.folders import cache_folder, folder_to_fill
from pixelwise.cards.placing import write_text
from pixelwise.errors import ModelError

__all__ = ["FILE", "measured", "record"]

FILE = "measured.json"
"""In the cache folder: ``{"speeds": {card: {runtime: ms}}, "temperatures": {card: number}}``."""


def measured(kind: str, environment: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """Return what was measured of one kind, card by card; nothing where nothing was.

    Args:
        kind: ``"speeds"`` or ``"temperatures"``.
        environment: Variables; ``os.environ`` if left out.

    Raises:
        ModelError: The file is damaged.

    >>> measured("speeds", {"PIXELWISE_CACHE": "no such folder"})
    {}
    """
    cache = cache_folder(os.environ if environment is None else environment)
    path = None if cache is None else cache / FILE
    if path is None or not path.is_file():
        return {}
    table = _read(path, path.stat().st_mtime_ns).get(kind, {})
    if not isinstance(table, dict):
        raise _damaged(path)
    return table


def record(
    kind: str, card: str, value: object, environment: Mapping[str, str] | None = None
) -> Path:
    """Write down what was measured of a card, and return the file.

    Raises:
        ModelError: The file that is there is damaged.
        OutputError: There is no folder that can be written.
    """
    given = os.environ if environment is None else environment
    path = folder_to_fill(cache_folder(given)) / FILE
    known = _read(path, path.stat().st_mtime_ns) if path.is_file() else {}
    table = {**known, kind: {**known.get(kind, {}), card: value}}
    write_text(path, json.dumps(table, indent=1) + "\n")
    return path


@lru_cache(maxsize=8)
def _read(path: Path, _state: int) -> dict[str, Any]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path) from error
    if not isinstance(table, dict):
        raise _damaged(path)
    return table


def _damaged(path: Path) -> ModelError:
    return ModelError(f"{path} is damaged: delete it, and measure again what you need")
