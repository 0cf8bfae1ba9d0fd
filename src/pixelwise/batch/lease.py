"""A lock in a store, where nothing can be locked: an object that its owner writes anew and anew.

Who finds one waits a while. When it changes meanwhile its owner lives, and the folder is taken;
when it does not its owner was killed, and it is taken over. No two clocks are compared.
"""

import json
import secrets
import time
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from pixelwise.batch.places import LOCK
from pixelwise.errors import OutputError, UsageError

__all__ = ["Lease"]

BEAT_S = 3.0
"""How often the owner writes it."""
PATIENCE_S = 10.0
"""How long it must stay as it is to belong to nobody."""


class Lease:
    """The right to write to a folder of a store, while the block lasts.

    Args:
        system: The file system of fsspec.
        folder: The folder's path there.
        faults: What it raises when the store does not answer.

    Raises:
        UsageError: Another process has it.
        OutputError: The store refuses.
    """

    def __init__(self, system: Any, folder: str, faults: tuple[type[Exception], ...]) -> None:  # noqa: ANN401
        self._system, self._folder, self._faults = system, folder, faults
        self._path = f"{folder.rstrip('/')}/{LOCK}"
        self._owner = secrets.token_hex(8)
        self._beats = 0
        self._ended, self._lost = Event(), Event()
        self._thread = Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        try:
            self._take()
        except self._faults as error:
            raise OutputError(f"{self._folder}: cannot be locked: {error}") from error
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        with suppress(*self._faults):  # it stays then, and the next run takes it over
            if self._is_ours():
                self._system.rm_file(self._path)

    def check(self) -> None:
        """Raise when another process has taken the folder over, as this one was not heard of.

        Raises:
            OutputError: It has.
        """
        if self._lost.is_set():
            raise OutputError(
                f"another process has taken {self._folder} over, as this one did not answer for "
                f"{PATIENCE_S:g} s"
            )

    def _take(self) -> None:
        """Write the object, once it is sure that nobody else does."""
        before = self._found()
        if before is None:
            self._create()
        else:
            time.sleep(PATIENCE_S)
            if self._found() not in (before, None):
                raise self._taken()
            self._write()
            time.sleep(BEAT_S)  # of two who waited at once, the last who wrote has it
        if not self._is_ours():
            raise self._taken()

    def _taken(self) -> UsageError:
        return UsageError(f"another process is writing to {self._folder}; wait until it is done")

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_S):
            try:
                if not self._is_ours():
                    self._lost.set()
                    return
                self._write()
            except self._faults:
                continue  # what is written then fails as well, and says so

    def _create(self) -> None:
        """Write the object where none is; stores that can refuse to write over another's do."""
        self._system.makedirs(self._folder, exist_ok=True)
        try:
            self._write(mode="create")
        except OSError:
            if self._found() is None:  # it refused for another reason
                raise

    def _write(self, **how: str) -> None:
        self._beats += 1
        data = json.dumps({"owner": self._owner, "beat": self._beats}).encode()
        self._system.pipe_file(self._path, data, **how)

    def _is_ours(self) -> bool:
        found = self._found()
        return found is not None and self._owner.encode() in found

    def _found(self) -> bytes | None:
        """Return what the object holds; None without it."""
        try:
            data: bytes = self._system.cat_file(self._path)
        except FileNotFoundError:
            return None
        return data
