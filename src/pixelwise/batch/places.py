"""Where an item's outputs go: its path below the root, suffix kept, so that no two ever meet."""

from pathlib import Path

__all__ = ["FAILURES", "JOURNAL", "OURS", "inside", "stem_of"]

JOURNAL = "journal.jsonl"
FAILURES = "failures.jsonl"
OURS = (JOURNAL, FAILURES)
"""Files of the batch itself in the output folder; no output can be called so."""


def stem_of(name: str, root: Path) -> Path:
    """Return the path, without the ending of its kind, of the outputs for the input ``name``.

    >>> stem_of("sub/a.jpg", Path("out")).as_posix()
    'out/sub/a.jpg'
    """
    return root / name


def inside(path: Path, folder: Path) -> bool:
    """Say whether ``path`` is ``folder`` or below it, links followed.

    >>> inside(Path("a/b"), Path("a")), inside(Path("ab"), Path("a"))
    (True, False)
    """
    return path.resolve().is_relative_to(folder.resolve())
