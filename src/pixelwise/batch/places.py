"""Files of the batch itself in the output folder; no output can be called so."""

__all__ = ["FAILURES", "JOURNAL", "LOCK", "OURS"]

JOURNAL = "journal.jsonl"
FAILURES = "failures.jsonl"
LOCK = "journal.lock"
"""Only in stores, and only while a batch writes to them."""
OURS = (JOURNAL, FAILURES, LOCK)
