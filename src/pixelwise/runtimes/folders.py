"""Folders that transformers' ``save_pretrained`` wrote, loaded."""

from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.utils import logging

from pixelwise.errors import ModelError
from pixelwise.runtimes.loading import one_line, refuse_device

__all__ = ["FAILURES", "from_folder", "refuse_absent", "words_of"]

FAILURES = (RuntimeError, ValueError, TypeError, KeyError, OSError, ImportError, AttributeError)
"""What loading and running raise; transformers has no root of its own."""


def from_folder(network: Any, folder: Path, device: str) -> Any:  # noqa: ANN401 - untyped library
    """Return a network of transformers, ready to run.

    Nothing is fetched, no code of the folder is run, and weights are read from safetensors only.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The folder is damaged, or holds another network.
    """
    refuse_absent(device)
    name = network.__name__
    logging.disable_progress_bar()  # the command line shows its own
    try:
        made = network.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
    except FAILURES as error:
        raise ModelError(f"{folder.name} cannot be loaded as {name}: {one_line(error)}") from error
    return made.eval().to(device)


def words_of(folder: Path) -> Any:  # noqa: ANN401 - untyped
    """Return the tokenizer of a folder; without its files an empty one would be made up.

    Raises:
        ModelError: There is none, or it is damaged.
    """
    if not any((folder / file).is_file() for file in ("tokenizer.json", "vocab.json")):
        raise ModelError(
            f"{folder.name} has no tokenizer: expected tokenizer.json, or vocab.json and merges.txt"
        )
    try:
        return transformers.AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except FAILURES as error:
        raise ModelError(
            f"the tokenizer of {folder.name} cannot be read: {one_line(error)}"
        ) from error


def refuse_absent(device: str) -> None:
    """Raise unless torch has that device here.

    Raises:
        InvalidSetting: It has not.
    """
    there = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
    refuse_device("transformers", device, there)
