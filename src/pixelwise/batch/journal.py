"""What is finished, in a file that survives any end of the process.

One JSON object a line, each with the checksum of what stands before it. The first line says which
job the folder belongs to; each other one is an item that is done (its outputs were on the disk
before the line was) or that failed. Lines are only ever appended; when a run is complete the file
is replaced by one that holds the last line of each item that is done, in an order that depends on
the names alone, so that a finished tree does not tell how often it was interrupted. Failures go to
``failures.jsonl`` then, and are tried again by the next run.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Self

from pixelwise.batch.entries import Entry, entries, latest, opened, sealed
from pixelwise.batch.finished import Keys
from pixelwise.batch.job import Stamp
from pixelwise.batch.locking import try_lock
from pixelwise.batch.outcomes import Done, Failed
from pixelwise.batch.places import FAILURES, JOURNAL
from pixelwise.batch.root import Publish
from pixelwise.errors import InputError, OutputError, UsageError
from pixelwise.io.atomic import failpoint, replacing, write_bytes

__all__ = ["Journal", "read_stamp", "recorded"]

VERSION = 1


class Journal:
    """The journal of an output folder, open for appending; one process at a time.

    Args:
        folder: Where it is.
        stamp: Of the job.
        anew: Forget what is in it.
        publish: Is called after each change.

    Raises:
        UsageError: The folder belongs to another job, or another process works on it.
        InputError: The first line is damaged.
        OutputError: It cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        stamp: Stamp,
        *,
        anew: bool = False,
        publish: Publish | None = None,
    ) -> None:
        self.folder = folder
        self._publish = publish
        self.path = folder / JOURNAL
        self.done, self.failed = Keys(), Keys()
        if not self.path.exists():
            write_bytes(self.path, sealed(_header(stamp)))
        self._handle = self._locked()
        try:
            if anew:
                self._start_anew(stamp)
            _check_stamp(self.path, stamp)
            self._is_final = self._load()
        except BaseException:
            os.close(self._handle)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def append(self, outcomes: Iterable[Done | Failed]) -> None:
        """Write what became of items whose outputs are on the disk already."""
        outcomes = list(outcomes)
        entries = [Entry.of(outcome) for outcome in outcomes]
        failpoint("before_journal")
        failures = [entry for entry in entries if entry.error]
        if failures:
            with (self.folder / FAILURES).open("ab") as log:
                log.writelines(entry.failure() for entry in failures)
        try:
            _write_all(self._handle, b"".join(entry.line() for entry in entries))
            os.fsync(self._handle)
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written: {error.strerror}") from error
        self._is_final = False
        for outcome in outcomes:
            (self.done if isinstance(outcome, Done) else self.failed).add(outcome.item.key)
        self._changed(is_end=False)

    def finish(self) -> None:
        """Bring the journal and the list of failures into their final form."""
        failures = self.folder / FAILURES
        any_failed, was_final = False, self._is_final
        if not was_final:
            with (
                replacing(self.path) as part,
                part.open("xb") as new,
                replacing(failures) as log,
                log.open("xb") as bad,
            ):
                any_failed = self._sort_into(new, bad)
        if not any_failed:
            failures.unlink(missing_ok=True)
        self._is_final = True
        if not was_final:
            self._changed(is_end=True)

    def _changed(self, *, is_end: bool) -> None:
        if self._publish is not None:
            self._publish(is_end=is_end)

    def _sort_into(self, new: BinaryIO, bad: BinaryIO) -> bool:
        """Write what is done to ``new`` and the failures to ``bad``; say if there are any."""
        new.write(sealed(_header(read_stamp(self.path))))
        for entry in entries(self.path, latest(self.path)):
            if entry.error:
                bad.write(entry.failure())
            else:
                new.write(entry.line())
        return bad.tell() > 0

    def _locked(self) -> int:
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND)
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be opened: {error.strerror}") from error
        if not try_lock(handle):
            os.close(handle)
            raise UsageError(f"another process is writing to {self.folder}; wait until it is done")
        return handle

    def _start_anew(self, stamp: Stamp) -> None:
        write_bytes(self.path, sealed(_header(stamp)))
        os.close(self._handle)
        self._handle = self._locked()

    def _load(self) -> bool:
        """Read what is finished; end a line that was torn."""
        size = os.fstat(self._handle).st_size
        os.lseek(self._handle, size - 1, os.SEEK_SET)
        if os.read(self._handle, 1) != b"\n":
            _write_all(self._handle, b"\n")
        return latest(self.path, self._note).is_final

    def _note(self, entry: Entry) -> None:
        (self.failed if entry.error else self.done).add(bytes.fromhex(entry.key))


def read_stamp(path: Path) -> Stamp:
    """Return which job a journal belongs to.

    Raises:
        InputError: There is no journal, or its first line is damaged.
    """
    try:
        with path.open("rb") as file:
            first = opened(file.readline())
    except OSError as error:
        raise InputError(
            f"{path.parent} is no output folder of pixelwise batch: {path.name} is missing",
            reason="missing",
        ) from error
    if first is None or first.get("journal") != VERSION:
        raise InputError(f"{path}: the first line is damaged; --force starts anew")
    return Stamp(**first["job"])


def recorded(folder: Path, stamp: Stamp) -> Keys:
    """Return what the journal of an output folder says is done; nothing without a journal.

    Raises:
        UsageError: The folder belongs to another job.
        InputError: The first line is damaged.
    """
    done = Keys()
    path = folder / JOURNAL
    if path.exists():
        _check_stamp(path, stamp)
        latest(path, lambda entry: None if entry.error else done.add(bytes.fromhex(entry.key)))
    return done


def _check_stamp(path: Path, stamp: Stamp) -> None:
    """Raise when the journal belongs to another job.

    Raises:
        UsageError: It does.
    """
    there = read_stamp(path)
    if there != stamp:
        raise UsageError(
            f"{path.parent} holds results of another job ({there.told(stamp)}); give another"
            " folder, or do everything anew with --force"
        )


def _header(stamp: Stamp) -> Mapping[str, Any]:
    return {"journal": VERSION, "job": asdict(stamp)}


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
