"""Fixtures that many tests share: the data and models beside the checkout."""

import os
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import numpy as np
import pytest

import pixelwise.core

hypothesis.settings.register_profile("fuzz", max_examples=20_000, deadline=None)

SHARED = Path(__file__).resolve().parents[1] / "shared"


def _folder(variable: str, default: Path) -> Path:
    folder = Path(os.environ.get(variable, default))
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set {variable}")
    return folder


@pytest.fixture(scope="session")
def data_dir() -> Path:
    return _folder("PIXELWISE_DATA", SHARED / "data")


@pytest.fixture(scope="session")
def model_dir() -> Path:
    return _folder("PIXELWISE_MODEL_PATH", SHARED / "models" / "files")


@pytest.fixture(autouse=True)
def _nouns_for_doctests(doctest_namespace: dict[str, object]) -> None:
    doctest_namespace["np"] = np
    doctest_namespace.update(
        {name: getattr(pixelwise.core, name) for name in pixelwise.core.__all__}
    )


collect_ignore = ["tests/mutation/child.py"]
"""A program that tests start, not a test."""

if find_spec("torch") is None:
    # A doctest run that cannot import a module leaves those that it imports half-made.
    needs_torch = "training/* runtimes/torch.py runtimes/transformers.py runtimes/described.py "
    needs_torch += "runtimes/folders.py runtimes/pointed.py"
    collect_ignore_glob = [f"src/pixelwise/{place}" for place in needs_torch.split()]
