"""Whether a finished tree is still what was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b, file_digest
from pathlib import Path

from pixelwise.batch.entries import entries, latest
from pixelwise.batch.finished import Keys
from pixelwise.batch.journal import read_stamp
from pixelwise.batch.outcomes import Output
from pixelwise.batch.places import JOURNAL, OURS

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


def findings(folder: Path, seen: Verified) -> Iterator[Finding]:
    """Yield what is wrong in an output folder: bit rot, missing files, files of others.

    Args:
        folder: Output folder of a batch.
        seen: Counts the files.

    Raises:
        InputError: There is no journal, or its first line is damaged.
    """
    journal = folder / JOURNAL
    read_stamp(journal)
    kept = latest(journal)
    if kept.damaged:
        yield Finding(JOURNAL, Problem.DAMAGED)
    known = Keys()
    for entry in entries(journal, kept):
        for output in entry.outputs:
            seen.files += 1
            known.add(_key(output.file))
            problem = _problem(folder / output.file, output)
            if problem is not None:
                yield Finding(output.file, problem)
    yield from _foreign(folder, known)


def _problem(path: Path, output: Output) -> Problem | None:
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return Problem.MISSING
    except OSError:
        return Problem.CHANGED
    return None if digest == output.sha256 else Problem.CHANGED


def _foreign(folder: Path, known: Keys) -> Iterator[Finding]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name not in OURS and _key(name) not in known:
            yield Finding(name, Problem.FOREIGN)


def _key(name: str) -> bytes:
    return blake2b(name.encode(errors="surrogatepass"), digest_size=16).digest()
