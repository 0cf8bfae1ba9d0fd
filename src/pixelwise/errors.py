"""Every error this package raises.

::

    PixelwiseError
    ├── UsageError          the call itself is wrong
    │   ├── UnknownName     no method, model, format or class of that name
    │   ├── InvalidSetting  a setting is outside its range or of the wrong kind
    │   └── MissingExtra    a package that an extra brings is not installed
    ├── InputError          unreadable, unsupported or corrupt input
    ├── LimitError          pixels, bytes, frames, time or memory over a limit
    ├── ModelError          a model file is missing, damaged, refused or answers nonsense
    │   └── LicenceError    the weights may not be used for what was asked
    ├── OutputError         the result cannot be written
    └── Cancelled           the caller stopped the work

Each message says what was expected, what came, and what to do.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar

__all__ = [
    "Cancelled",
    "InputError",
    "InvalidSetting",
    "LicenceError",
    "LimitError",
    "MissingExtra",
    "ModelError",
    "OutputError",
    "PixelwiseError",
    "UnknownName",
    "UsageError",
]


FEW = 40
"""A message lists all names up to so many, and only the nearest of more."""


class PixelwiseError(Exception):
    """Base of every error of this package; ``exit_code`` is what the command line ends with."""

    exit_code: ClassVar[int] = 1


class UsageError(PixelwiseError):
    """The call itself is wrong; nothing was read or written."""

    exit_code = 2


class UnknownName(UsageError):
    """There is no such name; the message lists the nearest ones."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str]) -> "UnknownName":
        """Return the error for ``name``, which is not one of ``known``.

        >>> str(UnknownName.among("method", "otsoo", ["li", "otsu"]))
        "there is no method 'otsoo'; did you mean 'otsu'? Known: li, otsu"
        """
        names = sorted(known)
        near = get_close_matches(name, names, n=1 if len(names) <= FEW else 4)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
        whole = f" Known: {', '.join(names)}" if len(names) <= FEW else ""
        if not whole and kind.endswith("model"):
            whole = " `pixelwise models list` shows all."
        return cls(f"there is no {kind} {name!r}{hint}{whole}")


class InvalidSetting(UsageError):
    """A setting is outside its range, of the wrong kind, or unknown."""

    @classmethod
    def of(cls, name: str, value: object, expected: str) -> "InvalidSetting":
        """Return the error for setting ``name``, which was ``value``.

        >>> str(InvalidSetting.of("k", -1, "0 or more"))
        "setting 'k' must be 0 or more, not -1"
        """
        return cls(f"setting {name!r} must be {expected}, not {value!r}")


class MissingExtra(UsageError):
    """A package that an extra brings is not installed; the message has the pip line."""

    @classmethod
    def of(cls, what: str, package: str, extra: str) -> "MissingExtra":
        """Return the error for ``what``, which needs ``package`` of ``extra``.

        >>> str(MissingExtra.of("openvino", "openvino", "openvino"))
        "'openvino' needs the package openvino: pip install 'pixelwise[openvino]'"
        """
        return cls(f"{what!r} needs the package {package}: pip install 'pixelwise[{extra}]'")


class InputError(PixelwiseError):
    """The input cannot be read, is not supported, or is corrupt.

    Attributes:
        reason: A short code for machines, such as ``"truncated"`` or ``"unsupported"``.
    """

    exit_code = 3

    def __init__(self, message: str, *, reason: str = "invalid") -> None:
        super().__init__(message)
        self.reason = reason


class LimitError(PixelwiseError):
    """A limit on pixels, bytes, frames, time or memory would be passed."""

    exit_code = 5


class ModelError(PixelwiseError):
    """A model file is missing, damaged or refused, or the model answers nonsense."""

    exit_code = 6


class LicenceError(ModelError):
    """The licence of the weights does not allow what was asked for."""


class OutputError(PixelwiseError):
    """The result cannot be written; nothing half-written is left under the final name."""

    exit_code = 7


class Cancelled(PixelwiseError):
    """The caller stopped the work; what was whole by then is kept."""

    exit_code = 130
