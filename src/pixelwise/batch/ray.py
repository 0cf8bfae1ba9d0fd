"""The engine of many machines: Ray Data spreads the items, each slot works like this machine."""

import logging
import math
import os
import pickle
import signal
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from socket import create_connection, socket
from threading import current_thread, main_thread
from typing import Any

import numpy as np
import ray
import ray.data
from numpy.typing import NDArray
from ray.exceptions import RayError

from pixelwise.batch.items import Item
from pixelwise.batch.job import Work
from pixelwise.batch.outcomes import Outcome
from pixelwise.batch.pool import Pool
from pixelwise.errors import PixelwiseError
from pixelwise.pipeline.threads import cores

__all__ = ["Ray"]

STDERR = 2
WINDOW = 20_000
"""Items that are handed to Ray at a time: what it holds stays the same for any number of items."""
BLOCK = 16
"""Items that a slot is given at once."""
REACH_S = 20.0
"""Longest wait for the head of a cluster to take a connection."""
ANSWER_S = 5.0
"""Longest wait for its first words."""
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
"""How HTTP/2 begins, with settings that change nothing (RFC 9113, 3.4)."""
FRAME, SETTINGS_FRAME = 9, b"\4"
"""Bytes of the head of a frame, and its fourth when it brings settings."""
MEMORY = 150_000_000
"""Bytes of the object store of a cluster of our own: names and outcomes pass it, no pictures."""
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to Ray's makers
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # stderr is for what concerns the user
}
"""What Ray reads from the environment, where the user has not set it."""


class Ray:
    """Runs the work on a Ray cluster: the one that ``RAY_ADDRESS`` names, else of this machine.

    Each slot is an actor with one worker process of the same :class:`Pool` as the local engine, so
    an item that kills or hangs costs that process and nothing else, on every machine. Inputs and
    outputs, and the model file, must have the same paths everywhere: a shared folder, or a store.

    The journal says what is finished before items go to Ray, and again when their outcomes come
    back with their ids. Ray Data's own checkpoint is not used: it would be a second truth, in
    another folder, that knows of neither settings nor outputs.
    """

    def __init__(
        self, work: Work, *, workers: int | None = None, deadline_s: float = 300.0
    ) -> None:
        self.work = work
        self.workers = workers
        self.deadline_s = deadline_s

    def run(self, items: Iterable[Item]) -> Generator[list[Outcome], None, None]:
        """Yield what became of the items, a block at a time.

        Raises:
            PixelwiseError: The cluster cannot be reached, or is lost.
        """
        source = iter(items)
        first = list(islice(source, WINDOW))
        if not first:
            return
        try:
            with _cluster(self.workers) as slots:
                for window in _windows(first, source):
                    yield from self._outcomes(window, slots)
        except (RayError, ConnectionError) as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            why = next((line for line in lines if "Error: " in line), lines[-1])
            raise PixelwiseError(
                f"the Ray cluster failed: {why}; what is finished is kept"
            ) from error

    def _outcomes(self, items: Sequence[Item], slots: int) -> Iterator[list[Outcome]]:
        rows = [{"id": item.key.hex(), "item": pickle.dumps(item)} for item in items]
        blocks = max(min(slots, len(rows)), math.ceil(len(rows) / BLOCK))
        done = ray.data.from_items(rows, override_num_blocks=blocks).map_batches(
            _Slot,
            fn_constructor_args=(
                ray.cloudpickle.dumps(self.work),
                self.deadline_s,
                str(Path.cwd()),
            ),
            batch_size=None,
            compute=ray.data.ActorPoolStrategy(size=min(slots, blocks)),
            num_cpus=1,
        )
        for batch in done.iter_batches(batch_size=None, batch_format="numpy", prefetch_batches=0):
            yield [pickle.loads(outcome) for outcome in batch["outcome"]]  # noqa: S301 - our own


class _Slot:
    """What runs on each slot of the cluster, and stays there from block to block."""

    def __init__(self, packed: bytes, deadline_s: float, folder: str) -> None:
        os.chdir(folder)  # relative paths mean the same as where the command was given
        self._pool = Pool(packed, workers=1, deadline_s=deadline_s)

    def __call__(self, batch: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        items = (pickle.loads(item) for item in batch["item"])  # noqa: S301 - from the driver
        ended = [outcome for group in self._pool.outcomes(items) for outcome in group]
        return {
            "id": np.array([outcome.item.key.hex() for outcome in ended]),
            "outcome": np.array([pickle.dumps(outcome) for outcome in ended], object),
        }


def _windows(first: list[Item], rest: Iterator[Item]) -> Iterator[list[Item]]:
    window = first
    while window:
        yield window
        window = list(islice(rest, WINDOW))


@contextmanager
def _cluster(workers: int | None) -> Iterator[int]:
    """Join a cluster, or start one of this machine, and give how many slots it has for us."""
    os.environ.update({name: os.environ.get(name, value) for name, value in SETTINGS.items()})
    is_ours = not ray.is_initialized()
    if is_ours:
        _start(workers)
    context = ray.data.DataContext.get_current()
    before = context.enable_progress_bars
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        slots = max(1, int(ray.cluster_resources().get("CPU", 1)))
        yield min(workers or slots, slots)
    finally:
        context.enable_progress_bars = before
        if is_ours:
            ray.shutdown()


def _start(workers: int | None) -> None:
    address = os.environ.get("RAY_ADDRESS")
    _reach(address or "")
    size: dict[str, Any] = {"num_cpus": workers or cores(), "object_store_memory": MEMORY}
    ends = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with _silence():
        ray.init(
            address=address or "local",
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({} if address else size),
        )
    if current_thread() is main_thread():  # Ray's would end the process with another exit code
        for number, end in ends.items():
            signal.signal(number, end)


def _reach(address: str) -> None:
    """Raise when nobody answers at ``HOST:PORT``, or not Ray: itself would try for minutes."""
    host, mark, port = address.removeprefix("ray://").rpartition(":")
    if not mark or not port.isdigit() or os.environ.get("RAY_USE_TLS", "0") != "0":
        return  # Ray's own words, such as auto; or it hides what it speaks
    hint = "start it with ray start --head, or unset RAY_ADDRESS to use this machine"
    try:
        with create_connection((host.strip("[]"), int(port)), timeout=REACH_S) as wire:
            is_ray = _speaks_grpc(wire)
    except OSError as error:
        raise ConnectionError(
            f"nobody answers at RAY_ADDRESS={address} ({error}); {hint}"
        ) from error
    if not is_ray:
        raise ConnectionError(f"what answers at RAY_ADDRESS={address} is not Ray; {hint}")


def _speaks_grpc(wire: socket) -> bool:
    """Say whether the other side answers as HTTP/2 does, which Ray speaks: with its settings."""
    wire.settimeout(ANSWER_S)
    answer = b""
    try:
        wire.sendall(PREFACE)
        while len(answer) < FRAME and (part := wire.recv(FRAME - len(answer))):
            answer += part
    except (TimeoutError, ConnectionError):
        return False
    return answer[3:4] == SETTINGS_FRAME


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what Ray's C++ says of its own settings from stderr; errors come as exceptions."""
    sys.stderr.flush()
    kept, sink = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, STDERR)
    try:
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(sink)
