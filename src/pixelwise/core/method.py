"""A classical method: a frozen dataclass that can be called; its fields are its settings."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import Enum
from numbers import Real
from time import perf_counter
from types import NoneType, UnionType
from typing import Any, ClassVar, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from pixelwise.core.image import Image
from pixelwise.core.prompts import Prompts
from pixelwise.core.provenance import Provenance
from pixelwise.core.results import Result
from pixelwise.core.task import Task
from pixelwise.errors import InputError, InvalidSetting, UnknownName

__all__ = ["Method", "build", "check_ranges", "setting", "settings_of"]

R = TypeVar("R", bound=Result)
M = TypeVar("M")


def setting(
    default: Any = MISSING,  # noqa: ANN401 - a field of any type
    doc: str = "",
    *,
    low: float | None = None,
    high: float | None = None,
) -> Any:  # noqa: ANN401
    """Return a dataclass field with its range and one sentence of explanation.

    Args:
        default: Its default; left out, the setting must be given.
        doc: What it does, with its unit; shown by the command line, the service and the docs.
        low: Least value allowed.
        high: Greatest value allowed.
    """
    return field(default=default, metadata={"doc": doc, "low": low, "high": high})


@dataclass(frozen=True, kw_only=True)
class Method(ABC, Generic[R]):
    """Base of the classical methods: ``Image -> Result``.

    A subclass sets the class variables, declares its settings with :func:`setting`, and works in
    :meth:`segment`. Ranges are checked when it is made; space and provenance are added to what
    it returns.
    """

    name: ClassVar[str]
    task: ClassVar[Task]
    takes_volumes: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_ranges(self)

    def __call__(self, image: Image) -> R:
        """Segment ``image``.

        Raises:
            InputError: A volume was given to a method for pictures.
        """
        if image.is_volume and not self.takes_volumes:
            raise InputError(
                f"{self.name} works on pictures, not on volumes; give it one slice at a time",
                reason="volume",
            )
        start = perf_counter()
        result = self.segment(image)
        seconds = {"segment": perf_counter() - start}
        made = Provenance(
            method=self.name,
            settings=settings_of(self),
            seconds=seconds,
            notes=(*image.notes, *result.provenance.notes),
        )
        return result.made_by(made, image.space)

    @abstractmethod
    def segment(self, image: Image) -> R:
        """Return the result for ``image``; space and provenance are filled in by the caller."""


def settings_of(made: object) -> dict[str, object]:
    """Return the settings of a method by name, as what JSON can hold."""
    if not is_dataclass(made):
        return {}
    return {item.name: _plain(getattr(made, item.name)) for item in fields(made)}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.ndarray):
        return value.tolist() if value.size <= 100 else f"array {value.shape}"
    return value.to_dict() if isinstance(value, Prompts) else value


def build(cls: type[M], values: Mapping[str, object]) -> M:
    """Return ``cls(**values)`` with text and numbers brought to the fields' types.

    This is the one edge where text becomes an object: ``"darker"`` a ``Side``, ``"3"`` an int.

    Raises:
        UnknownName: There is no setting of that name.
        InvalidSetting: A value cannot become what the field holds.
    """
    known = {item.name: item for item in fields(cls) if item.init}  # type: ignore[arg-type]
    hints = get_type_hints(cls)
    for name in values:
        if name not in known:
            raise UnknownName.among("setting", name, known)
    for name, item in known.items():
        if item.default is MISSING and item.default_factory is MISSING and name not in values:
            raise InvalidSetting(
                f"{cls.__name__} needs the setting {name!r}: {item.metadata['doc']}"
            )
    return cls(**{name: _coerce(name, value, hints[name]) for name, value in values.items()})


def check_ranges(made: object) -> None:
    """Check each field of a dataclass against the range that :func:`setting` gave it.

    Raises:
        InvalidSetting: A value is outside.
    """
    for item in fields(made):  # type: ignore[arg-type]
        _check(item, getattr(made, item.name))


def _check(item: Field[Any], value: object) -> None:
    low, high = item.metadata.get("low"), item.metadata.get("high")
    if (low is None and high is None) or value is None:
        return
    numbers = value if isinstance(value, tuple) else (value,)
    for number in numbers:
        if not isinstance(number, int | float) or number != number:  # noqa: PLR0124 - NaN
            raise InvalidSetting.of(item.name, value, "a number")
        if (low is not None and number < low) or (high is not None and number > high):
            raise InvalidSetting.of(item.name, value, _range(low, high))


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"{high:g} or less"
    return f"{low:g} or more" if high is None else f"{low:g} to {high:g}"


def _coerce(name: str, value: object, hint: Any) -> object:  # noqa: ANN401
    if get_origin(hint) in (Union, UnionType):
        options = get_args(hint)
        if value is None or (isinstance(value, str) and value == "none" and NoneType in options):
            return None
        hint = next(option for option in options if option is not NoneType)
    if get_origin(hint) is tuple:
        return _coerce_tuple(name, value, get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _member(name, value, hint)
    if hint is bool:
        return _truth(name, value)
    if hint in (int, float):
        return _number(name, value, hint)
    return value


def _coerce_tuple(name: str, value: object, hints: tuple[Any, ...]) -> tuple[object, ...]:
    parts = (value.split(",") if value else []) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise InvalidSetting.of(name, value, "numbers with commas between them")
    kinds = [hints[0]] * len(parts) if hints[-1:] == (Ellipsis,) else list(hints)
    if len(kinds) != len(parts):
        raise InvalidSetting.of(name, value, f"{len(kinds)} values")
    return tuple(_coerce(name, part, kind) for part, kind in zip(parts, kinds, strict=True))


def _member(name: str, value: object, kind: type[Enum]) -> Enum:
    try:
        return kind(value)
    except ValueError as error:
        names = ", ".join(str(member.value) for member in kind)
        raise InvalidSetting.of(name, value, f"one of {names}") from error


def _truth(name: str, value: object) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if str(value).lower() not in words:
        raise InvalidSetting.of(name, value, "true or false")
    return words[str(value).lower()]


def _number(name: str, value: object, kind: type[int] | type[float]) -> float:
    wanted = "a whole number" if kind is int else "a number"
    if not isinstance(value, str | Real):
        raise InvalidSetting.of(name, value, wanted)
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise InvalidSetting.of(name, value, wanted) from error
    if number != number or (kind is int and not number.is_integer()):  # noqa: PLR0124 - NaN
        raise InvalidSetting.of(name, value, wanted)
    return int(number) if kind is int else number
