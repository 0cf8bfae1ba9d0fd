"""Files of the batch itself in the output folder; no output can be called so."""

__all__ = ["FAILURES", "JOURNAL", "OURS"]

JOURNAL = "journal.jsonl"
FAILURES = "failures.jsonl"
OURS = (JOURNAL, FAILURES)
