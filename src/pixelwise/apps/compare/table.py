"""The comparison as JSON."""

from typing import Any

from pixelwise.apps.compare.comparison import Comparison, Entry
from pixelwise.apps.compare.pictures import result_size

__all__ = ["table"]


def table(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison for JSON: entries, agreement and notes, without pictures."""
    return {
        "width": comparison.image.width,
        "height": comparison.image.height,
        "notes": list(comparison.notes),
        "entries": [_row(entry) for entry in comparison.entries],
        "agreement": {
            "names": list(comparison.agreeing),
            "ari": [[round(float(value), 4) for value in row] for row in comparison.agreement],
        },
    }


def _row(entry: Entry) -> dict[str, Any]:
    made = entry.result
    return {
        "name": entry.name,
        "family": entry.family,
        "task": None if made is None else str(made.task),
        "found": None if made is None else result_size(made),
        "seconds": round(entry.seconds, 4),
        "settings": {} if made is None else dict(made.provenance.settings),
        "model": None if made is None else made.provenance.model or None,
        "failed": entry.reason or None,
        "scores": {name: round(value, 4) for name, value in entry.scores},
    }
