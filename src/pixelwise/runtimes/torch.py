"""PyTorch: TorchScript and exported programs, and torchvision's networks with their weights.

Weights are read from safetensors. Checkpoints that are Python pickles can run code: they are
refused unless asked for, and even then only their plain tensors are read.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch
from numpy.typing import NDArray

from pixelwise.core import Tensor
from pixelwise.errors import ModelError
from pixelwise.runtimes.loading import checked_threads, one_line, refuse_device

__all__ = ["TorchSession", "build", "devices", "load"]

DETECTORS = "detection"
"""Word in the module of torchvision's networks that take a list of pictures."""

FAILURES = (RuntimeError, ValueError, TypeError, KeyError, IndexError, NotImplementedError)
"""What torch raises; its errors have no root of their own below Exception."""

THINGS = {"boxes": 2, "labels": 1, "scores": 1, "masks": 4}
"""What torchvision's detectors answer, and with how many axes."""

PROBE = 64
"""Side of the empty picture with which the outputs are found."""


class TorchSession:
    """A network in PyTorch.

    Args:
        forward: Takes a batch, or a list of pictures, and answers tensors.
        name: Of the file, for messages.
        device: Where it runs.
        threads: Threads of its own work on the CPU.
        takes_list: Whether it takes a list of single pictures (C, H, W).
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        name: str,
        device: str,
        *,
        threads: int,
        takes_list: bool = False,
    ) -> None:
        self._forward = forward
        self._name = name
        self._threads = threads
        self._takes_list = takes_list
        self.device = device
        axes = 3 if takes_list else 4
        self.inputs = (Tensor("pixels", (0,) * axes, np.dtype(np.float32)),)
        shape = (3, PROBE, PROBE) if takes_list else (1, 3, PROBE, PROBE)
        self._buffer = np.zeros(shape, np.float32)
        self.outputs = tuple(self._found(takes_list=takes_list))

    @property
    def module(self) -> Any:  # noqa: ANN401 - untyped
        """What answers; detectors take a list of pictures."""
        return self._forward

    @property
    def takes_list(self) -> bool:
        """Whether it takes a list of single pictures."""
        return self._takes_list

    def _found(self, *, takes_list: bool) -> Iterator[Tensor]:
        """Yield what the network answers: found with an empty picture, where it is not known."""
        if takes_list:
            for key, axes in THINGS.items():
                yield Tensor(key, (0,) * axes, np.dtype(np.float32))
            return
        for key, values in self._answers(self._buffer).items():
            yield Tensor(key, (0,) * values.ndim, values.dtype)

    def buffer(self, name: str) -> NDArray[Any]:
        """Return the memory that input ``name`` is read from; its sides are open.

        Raises:
            ModelError: There is no such input.
        """
        if name != "pixels":
            raise ModelError(f"{self._name} has no input {name!r}")
        return self._buffer

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Return the outputs, in the order of ``outputs``.

        Raises:
            ModelError: The arrays do not fit, or the model fails.
        """
        answers = self._answers(feeds.get("pixels", self._buffer))
        missing = [tensor.name for tensor in self.outputs if tensor.name not in answers]
        if missing:
            raise ModelError(f"{self._name} did not answer with {missing[0]!r}")
        return [answers[tensor.name] for tensor in self.outputs]

    def _answers(self, pixels: NDArray[Any]) -> dict[str, NDArray[Any]]:
        if self.device == "cpu":
            torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode():
                given = torch.from_numpy(np.require(pixels, requirements=["C", "W"])).to(
                    self.device
                )
                answer = self._forward([given] if self._takes_list else given)
        except FAILURES as error:
            raise ModelError(f"{self._name} failed to run: {one_line(error)}") from error
        return named(answer[0] if self._takes_list else answer)


def load(path: Path, *, threads: int | None = None, device: str = "cpu") -> TorchSession:
    """Return the TorchScript (``.pt``) or exported program (``.pt2``) in ``path``.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The file is damaged or holds only weights.
    """
    refuse_device("torch", device, devices())
    threads = checked_threads(threads)
    try:
        with ZipFile(path) as archive:
            members = {name.partition("/")[2] or name for name in archive.namelist()}
    except (BadZipFile, OSError) as error:
        raise ModelError(
            f"{path.name} is no TorchScript and no exported program; weights alone need a card "
            "that says which network they belong to"
        ) from error
    try:
        if "constants.pkl" in members:
            made: Any = _script(path, device)
        elif any(
            "serialized_exported_program" in name or name.startswith("models/") for name in members
        ):
            made = torch.export.load(str(path)).module().to(device)
        else:
            raise ModelError(_pickle_refused(path))
    except FAILURES as error:
        raise ModelError(
            f"{path.name} is damaged or not for this torch: {one_line(error)}"
        ) from error
    return TorchSession(made, path.name, device, threads=threads)


def build(
    path: Path,
    architecture: str,
    *,
    threads: int | None = None,
    device: str = "cpu",
    trust_pickle: bool = False,
) -> TorchSession:
    """Return a network of torchvision with the weights in ``path``.

    Args:
        path: ``.safetensors``, or a pickled ``.pth`` state when that is trusted.
        architecture: ``"torchvision:maskrcnn_resnet50_fpn"``: a name that torchvision lists.
        threads: Threads on the CPU; None: one a core, at most 4.
        device: Where it runs.
        trust_pickle: Read the plain tensors of a pickled state.

    Raises:
        InvalidSetting: There is no such device here.
        ModelError: The weights are pickled, damaged, or those of another network.
    """
    refuse_device("torch", device, devices())
    threads = checked_threads(threads)
    state = _state(path, trust_pickle=trust_pickle)
    network = _torchvision(architecture, state)
    try:
        network.load_state_dict(state)
    except FAILURES as error:
        raise ModelError(f"{path.name} does not fit {architecture}: {one_line(error)}") from error
    network = network.eval().to(device)
    takes_list = DETECTORS in type(network).__module__
    return TorchSession(network, path.name, device, threads=threads, takes_list=takes_list)


def devices() -> tuple[str, ...]:
    """Return the devices that torch has here."""
    accelerators = ("cuda",) if torch.cuda.is_available() else ()
    apple = ("mps",) if torch.backends.mps.is_available() else ()
    return ("cpu", *accelerators, *apple)


def named(answer: Any) -> dict[str, NDArray[Any]]:  # noqa: ANN401 - whatever a network answers
    """Return the tensors of an answer by name: keys of a mapping, else ``output0``, ..."""
    if isinstance(answer, torch.Tensor):
        return {"output": answer.cpu().numpy()}
    if isinstance(answer, Mapping):
        rows = {str(key): value for key, value in answer.items()}
    else:
        rows = {f"output{number}": value for number, value in enumerate(answer)}
    tensors = {key: value for key, value in rows.items() if isinstance(value, torch.Tensor)}
    return {key: value.cpu().numpy() for key, value in tensors.items()}


def _script(path: Path, device: str) -> Any:  # noqa: ANN401 - untyped
    with warnings.catch_warnings():  # TorchScript is old, not wrong: users have such files
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.load(str(path), map_location=device).eval()


def _state(path: Path, *, trust_pickle: bool) -> dict[str, Any]:
    """Return the weights by name."""
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError  # noqa: PLC0415 - comes with transformers
        from safetensors.torch import load_file  # noqa: PLC0415

        try:
            return dict(load_file(str(path)))
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path.name} is damaged: {one_line(error)}") from error
    if not trust_pickle:
        raise ModelError(_pickle_refused(path))
    try:
        state = torch.load(str(path), map_location="cpu", weights_only=True)
    except (*FAILURES, OSError, UnpicklingError) as error:
        raise ModelError(f"{path.name} holds more than plain tensors: {one_line(error)}") from error
    return dict(state)


def _torchvision(architecture: str, state: Mapping[str, Any]) -> Any:  # noqa: ANN401 - untyped
    import torchvision  # noqa: PLC0415 - needed for these networks only

    family, _, name = architecture.partition(":")
    if family != "torchvision" or name not in torchvision.models.list_models():
        raise ModelError(f"torchvision has no network {architecture!r}")
    module = torchvision.models.get_model_builder(name).__module__
    plain: dict[str, Any] = {"weights": None, **_sizes(state)}
    if DETECTORS in module or "segmentation" in module:
        plain["weights_backbone"] = None
    return torchvision.models.get_model(name, **plain)


def _sizes(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the weights say of the network's size."""
    for key in ("roi_heads.box_predictor.cls_score.weight", "classifier.4.weight"):
        if key in state:
            auxiliary = {"aux_loss": True} if "aux_classifier.4.weight" in state else {}
            return {"num_classes": int(state[key].shape[0]), **auxiliary}
    return {}


def _pickle_refused(path: Path) -> str:
    return (
        f"{path.name} is a Python pickle, which can run code; save its weights as safetensors, "
        "or name trust_pickle=true to read its plain tensors"
    )
