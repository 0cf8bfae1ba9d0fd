"""What became of one item: done with its outputs, failed with its reason, or all must stop."""

from dataclasses import dataclass

from pixelwise.batch.items import Item
from pixelwise.errors import InputError, LimitError, PixelwiseError

__all__ = ["Done", "Failed", "Outcome", "Output", "Stopped"]


@dataclass(frozen=True, slots=True)
class Output:
    """One file that was written.

    Args:
        file: Its path below the output folder, with ``/``.
        size: Its bytes.
        sha256: Their hash.
    """

    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Done:
    """The item's outputs are on the disk."""

    item: Item
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """The item is put aside.

    Args:
        item: Which.
        error: Name of the error's class.
        reason: A short code: ``"worker_died"``, ``"deadline"``, or that of an InputError.
        message: One line for people.
        exit_code: That of the error.
    """

    item: Item
    error: str
    reason: str
    message: str
    exit_code: int

    @classmethod
    def of(cls, item: Item, error: Exception) -> "Failed":
        """Return the outcome of an item that raised ``error``."""
        reason = str(getattr(error, "reason", ""))
        code = error.exit_code if isinstance(error, PixelwiseError) else 1
        message = str(error) if isinstance(error, PixelwiseError) else f"internal error: {error!r}"
        return cls(item, type(error).__name__, reason, message, code)

    @classmethod
    def worker_died(cls, item: Item) -> "Failed":
        """Return the outcome of an item that ended two workers."""
        message = f"{item.name}: the worker process died twice while it worked on this"
        return cls.of(item, InputError(message, reason="worker_died"))

    @classmethod
    def too_slow(cls, item: Item, deadline_s: float) -> "Failed":
        """Return the outcome of an item that was not done in time, twice."""
        message = f"{item.name}: not done within the deadline of {deadline_s:g} s, twice"
        return cls(item, LimitError.__name__, "deadline", message, LimitError.exit_code)


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing more can be written: the disk is full, or the folder is closed."""

    item: Item
    message: str


Outcome = Done | Failed | Stopped
