"""Checkpoints as safetensors: weights, averaged weights, optimiser, and what is known so far."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from pixelwise.errors import ModelError
from pixelwise.io.atomic import replacing
from pixelwise.training.learner import Learner

__all__ = ["restore", "save"]


def save(learner: Learner, path: Path, facts: dict[str, Any]) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        learner: What is saved.
        path: A file ``.safetensors``.
        facts: What else is known, as JSON can hold it.

    Raises:
        OutputError: It cannot be written.
    """
    tensors = {f"net.{name}": value for name, value in learner.net.state_dict().items()}
    averaged = learner.averaged.state_dict()
    tensors |= {f"averaged.{name}": value for name, value in averaged.items()}
    optimiser = learner.trainer.optimizers[0].state_dict()
    for number, state in optimiser["state"].items():
        tensors |= {f"optimiser.{number}.{key}": value for key, value in state.items()}
    known = {"step": learner.step, "facts": facts}
    whole = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with replacing(path) as part:
        save_file(whole, str(part), {"pixelwise": json.dumps(known)})


def restore(learner: Learner, path: Path) -> dict[str, Any]:
    """Put a checkpoint into a learner and return the facts.

    Raises:
        ModelError: The file is damaged, or belongs to another plan.
    """
    try:
        with safe_open(str(path), "pt") as file:
            known = json.loads((file.metadata() or {})["pixelwise"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        learner.net.load_state_dict(_under("net.", tensors))
        learner.averaged.load_state_dict(_under("averaged.", tensors))
    except (SafetensorError, OSError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"{path} is damaged or belongs to another plan: {str(error)[:200]}; give another "
            "folder to begin anew"
        ) from error
    learner.step = int(known["step"])
    states: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in _under("optimiser.", tensors).items():
        number, _, key = name.partition(".")
        states.setdefault(int(number), {})[key] = value
    fresh = learner.configure_optimizers().state_dict()
    learner.optimiser_state = {"state": states, "param_groups": fresh["param_groups"]}
    return dict(known["facts"])


def _under(head: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(head): value for name, value in tensors.items() if name.startswith(head)
    }
