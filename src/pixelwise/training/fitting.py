"""Runs a plan: Lightning's loop, checkpoints, a look at the held-out pictures each epoch."""

import logging
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback
from torch.utils.data import DataLoader

from pixelwise.training.checkpoints import restore, save
from pixelwise.training.examples import Example
from pixelwise.training.heads import HEADS, Teaching
from pixelwise.training.learner import Learner
from pixelwise.training.patches import Patches
from pixelwise.training.plan import Plan

__all__ = ["Epoch", "Run", "fit"]

SECONDS = 60.0
"""A checkpoint is written when the last one is older."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one look at the held-out pictures said.

    Args:
        step: When.
        loss: Mean loss since the look before.
        score: Of the averaged network, 0..1.
    """

    step: int
    loss: float
    score: float


@dataclass(kw_only=True)
class Run:
    """One training run.

    Args:
        plan: Every choice.
        folder: Where ``last.safetensors`` and ``best.safetensors`` lie.
        learn: Pictures to learn from.
        judge: Scores the averaged network on the held-out pictures, 0..1.
        say: Told each epoch.
        tick: Told how many steps are done, and of how many.
    """

    plan: Plan
    folder: Path
    learn: Sequence[Example]
    judge: Callable[[Learner], float]
    say: Callable[["Run"], None]
    tick: Callable[[int, int], None]
    epochs: list[Epoch] = field(default_factory=list)

    @property
    def best(self) -> float:
        """The best score so far."""
        return max((epoch.score for epoch in self.epochs), default=-1.0)

    @property
    def is_stale(self) -> bool:
        """Whether nothing was gained for as long as the plan waits."""
        scores = [epoch.score for epoch in self.epochs]
        since = len(scores) - 1 - scores.index(max(scores)) if scores else 0
        return 0 < self.plan.patience <= since


def fit(run: Run) -> Learner:
    """Train, or go on where the folder's last checkpoint stopped; return the learner.

    Raises:
        ModelError: The folder's checkpoint is damaged or belongs to another plan.
        OutputError: The folder cannot be written.
    """
    learner, plan = Learner(run.plan), run.plan
    last = run.folder / "last.safetensors"
    if last.is_file():
        facts = restore(learner, last)
        run.epochs[:] = [Epoch(**row) for row in facts["epochs"]]
        learner.losses[:] = facts["losses"]
    if learner.step >= plan.steps or run.is_stale:
        return learner
    for name in ("lightning.pytorch", "lightning.pytorch.utilities.rank_zero"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")
        trainer = lightning.Trainer(
            max_steps=plan.steps - learner.step,
            max_epochs=-1,
            precision=plan.precision.value,
            callbacks=[_Keeper(run)],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
        )
        trainer.fit(learner, _loader(run, learner.step, trainer))
    return learner


def _loader(run: Run, start: int, trainer: lightning.Trainer) -> DataLoader[Any]:
    plan = run.plan
    patches = Patches(run.learn, plan, rank=trainer.global_rank, ranks=trainer.world_size)
    head = HEADS[plan.head]
    return DataLoader(
        patches,
        sampler=range(start, plan.steps),
        batch_size=1,
        num_workers=plan.workers,
        collate_fn=partial(_tensors, head, plan),
    )


def _tensors(head: Teaching, plan: Plan, steps: Sequence[Any]) -> dict[str, Any]:
    """Return the one step of a batch as what the loss takes; a worker process can be sent it."""
    return head.tensors(steps[0], plan)


class _Keeper(Callback):
    """Saves, looks at the held-out pictures and stops."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.saved = time.monotonic()

    def on_train_batch_end(self, trainer: lightning.Trainer, learner: Any, *_: object) -> None:  # noqa: ANN401
        run, plan = self.run, self.run.plan
        learner.advance()
        run.tick(learner.step, plan.steps)
        if not trainer.is_global_zero:
            return
        done = learner.step >= plan.steps
        if done or learner.step % plan.epoch == 0:
            self._look(learner)
            trainer.should_stop = run.is_stale
        if done or trainer.should_stop or time.monotonic() - self.saved > SECONDS:
            self._save(learner, "last.safetensors")

    def _look(self, learner: Learner) -> None:
        run = self.run
        score = run.judge(learner)
        mean = sum(learner.losses) / max(1, len(learner.losses))
        learner.losses.clear()
        is_best = score > run.best
        run.epochs.append(Epoch(learner.step, mean, score))
        if is_best:
            self._save(learner, "best.safetensors")
        self._save(learner, "last.safetensors")
        run.say(run)

    def _save(self, learner: Learner, name: str) -> None:
        rows = [{"step": row.step, "loss": row.loss, "score": row.score} for row in self.run.epochs]
        save(learner, self.run.folder / name, {"epochs": rows, "losses": learner.losses})
        self.saved = time.monotonic()
