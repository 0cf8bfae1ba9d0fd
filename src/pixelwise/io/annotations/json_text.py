"""JSON that is checked before it is parsed: depth, numbers, duplicate keys."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from pixelwise.errors import InputError

__all__ = ["Reader", "check_depth", "duplicates", "lawful_json"]

DEEPEST = 100
"""Levels of nesting; no annotation format has more than ten."""
STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def lawful_json(data: bytes, name: str) -> Any:  # noqa: ANN401 - JSON may be anything
    """Return the value of a JSON text.

    Raises:
        InputError: It is no JSON, nested deeper than ``DEEPEST``, or has NaN, infinite or
            endless numbers.

    >>> lawful_json(b'{"a": [1]}', "x")
    {'a': [1]}
    >>> lawful_json(b'[NaN]', "x")
    Traceback (most recent call last):
    pixelwise.errors.InputError: x: NaN is no number of JSON
    """
    check_depth(data, name)
    try:
        return json.loads(data, parse_constant=_refuse)
    except InputError as error:
        raise InputError(f"{name}: {error}", reason="json") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: no JSON: {error}", reason="json") from error


def check_depth(data: bytes, name: str) -> None:
    """Refuse nesting that a parser would choke on; one pass, no recursion.

    Raises:
        InputError: It is deeper than ``DEEPEST``.
    """
    if max(data.count(b"["), data.count(b"{")) <= DEEPEST // 2:
        return
    depth = 0
    for token in STRUCTURE.finditer(data):
        mark = data[token.start()]
        depth += (mark in b"[{") - (mark in b"]}")
        if depth > DEEPEST:
            raise InputError(
                f"{name}: JSON nested deeper than {DEEPEST} levels at byte {token.start()}",
                reason="json",
            )


def duplicates(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield keys that stand twice in one object of a lawful JSON text, and how often.

    >>> list(duplicates(b'{"a": 1, "a": 2}'))
    [('a', 2)]
    """
    found: list[tuple[str, int]] = []

    def pairs(rows: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(rows)
        if len(made) < len(rows):
            counts = Counter(key for key, _ in rows)
            found.extend((key, number) for key, number in counts.items() if number > 1)
        return made

    json.loads(data, object_pairs_hook=pairs)
    yield from found


class Reader:
    """Reads fields of one JSON object and says where one is missing or wrong.

    Args:
        value: What should be an object.
        path: Its JSON path, for messages.

    Raises:
        InputError: It is no object.

    >>> Reader({"width": -1}, "$.images[0]").whole("width", 1)
    Traceback (most recent call last):
    pixelwise.errors.InputError: $.images[0].width: expected a whole number from 1, not -1
    """

    __slots__ = ("path", "value")

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, dict):
            raise InputError(f"{path}: expected an object, not {_brief(value)}", reason="json")
        self.value: dict[str, Any] = value
        self.path = path

    def has(self, key: str) -> bool:
        """Whether there is such a field, and it is not null."""
        return self.value.get(key) is not None

    def whole(self, key: str, low: int, default: int | None = None) -> int:
        """Return a whole number that is at least ``low`` and below 2**53."""
        found = self.value.get(key, default)
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if not isinstance(found, int) or not low <= found < 2**53:
            raise self.wrong(key, f"a whole number from {low}")
        return int(found)

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number."""
        found = self.value.get(key, default)
        if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) < 1e300:
            raise self.wrong(key, "a number")
        return float(found)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text."""
        found = self.value.get(key, default)
        if not isinstance(found, str):
            raise self.wrong(key, "a text")
        return found

    def rows(self, key: str) -> Iterator["Reader"]:
        """Yield the objects of a list."""
        for place, row in enumerate(self.list(key)):
            yield Reader(row, f"{self.path}.{key}[{place}]")

    def list(self, key: str) -> list[Any]:
        """Return a list."""
        found = self.value.get(key)
        if not isinstance(found, list):
            raise self.wrong(key, "a list")
        return found

    def colour(self, key: str) -> tuple[int, int, int]:
        """Return a colour: the first three numbers of a list, modulo 256."""
        parts = self.list(key)[:3]
        if len(parts) < 3 or not all(isinstance(part, int) for part in parts):
            raise self.wrong(key, "three whole numbers")
        return parts[0] & 255, parts[1] & 255, parts[2] & 255

    def object(self, key: str) -> "Reader":
        """Return an object."""
        return Reader(self.value.get(key), f"{self.path}.{key}")

    def wrong(self, key: str, expected: str) -> InputError:
        """Return the error for a field that is not what was expected."""
        came = _brief(self.value[key]) if key in self.value else "nothing"
        return InputError(f"{self.path}.{key}: expected {expected}, not {came}", reason="field")


def _refuse(text: str) -> NoReturn:
    raise InputError(f"{text} is no number of JSON", reason="json")


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
