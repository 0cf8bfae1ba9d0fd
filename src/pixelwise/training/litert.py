"""Writes LiteRT files, by the converter that LiteRT's own authors keep for torch."""

import warnings
from pathlib import Path

import torch

from pixelwise.errors import ModelError
from pixelwise.io.atomic import replacing
from pixelwise.runtimes.loading import quiet
from pixelwise.training.draft import Draft

with quiet():  # what it brings along announces itself
    import litert_torch

__all__ = ["to_litert"]

litert_torch.config.show_progress = False  # the command line says what is done


def to_litert(draft: Draft, target: Path) -> None:
    """Write a network as LiteRT reads it, in 32 bits; the sides of its input are fixed.

    Args:
        draft: The network.
        target: A file ``.tflite``.

    Raises:
        ModelError: The network cannot be converted; such are detectors, whose number of boxes
            depends on the picture.
        OutputError: The file cannot be written.
    """
    # weights that lie channels-last, as training lays them, are misread by litert-torch 0.10
    module = draft.module.eval().to(memory_format=torch.contiguous_format)
    with replacing(target) as part, warnings.catch_warnings(), quiet():
        warnings.simplefilter("ignore")
        try:
            made = litert_torch.convert(module, (torch.rand(*draft.shape),))
        except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
            said = " ".join(str(error).split())[:300]
            raise ModelError(f"the network cannot be converted to LiteRT: {said}") from error
        made.export(str(part))
