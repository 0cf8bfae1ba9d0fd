"""Whether a finished tree is still what was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pixelwise.batch.entries import entries, latest
from pixelwise.batch.finished import Keys, key_of
from pixelwise.batch.journal import read_stamp
from pixelwise.batch.places import JOURNAL, OURS
from pixelwise.batch.root import Root

__all__ = ["Finding", "Problem", "Verified", "findings"]


class Problem(StrEnum):
    """What can be wrong with a file."""

    MISSING = "missing"
    CHANGED = "changed"
    FOREIGN = "foreign"
    DAMAGED = "damaged journal"


@dataclass(frozen=True, slots=True)
class Finding:
    """One file that is not as it should be; its path below the folder."""

    file: str
    problem: Problem


@dataclass
class Verified:
    """How many files were looked at."""

    files: int = 0


def findings(root: Root, seen: Verified) -> Iterator[Finding]:
    """Yield what is wrong in an output folder: bit rot, missing files, files of others.

    Args:
        root: Where the outputs of a batch are.
        seen: Counts the files.

    Raises:
        InputError: There is no journal, or its first line is damaged.
    """
    with root.kept() as folder:
        journal = folder / JOURNAL
        read_stamp(journal)
        kept = latest(journal)
        if kept.damaged:
            yield Finding(JOURNAL, Problem.DAMAGED)
        known = Keys()
        for output in (output for entry in entries(journal, kept) for output in entry.outputs):
            seen.files += 1
            known.add(key_of(output.file))
            digest = root.digest(output.file)
            if digest != output.sha256:
                problem = Problem.MISSING if digest is None else Problem.CHANGED
                yield Finding(output.file, problem)
    for name in root.names():
        if name not in OURS and key_of(name) not in known:
            yield Finding(name, Problem.FOREIGN)
