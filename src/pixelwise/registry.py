"""Tables of names: the only lazy imports in the project."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar, cast

from pixelwise.errors import MissingExtra, UnknownName

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Name -> object, imported at first use.

    A row reads ``"otsu": "pixelwise.methods.threshold.otsu:Otsu"``; a row whose file needs an
    extra names it after a space: ``"pixelwise.runtimes.openvino:load openvino"``. Other packages
    add rows through the entry point group ``pixelwise.<kind>s``; our own rows win.

    Args:
        kind: What one row is, in one word, for messages: ``"method"``.
        rows: Name -> ``"module:attribute extra"``.

    >>> table = Registry("codec", {"json": "json:loads"})
    >>> table["json"]("[1]")
    [1]
    """

    def __init__(self, kind: str, rows: Mapping[str, str]) -> None:
        self.kind = kind
        self._own = dict(rows)

    @cached_property
    def _rows(self) -> dict[str, str]:
        plugged = {
            point.name: point.value for point in entry_points(group=f"pixelwise.{self.kind}s")
        }
        return plugged | self._own

    def __getitem__(self, name: str) -> T:
        if name not in self._rows:
            raise UnknownName.among(self.kind, name, self._rows)
        target, _, extra = self._rows[name].partition(" ")
        module, _, attribute = target.partition(":")
        try:
            return cast("T", getattr(import_module(module), attribute))
        except ModuleNotFoundError as error:
            missing = (error.name or "").partition(".")[0]
            if not extra or missing == "pixelwise":
                raise
            raise MissingExtra.of(name, missing, extra) from error

    def extra_of(self, name: str) -> str | None:
        """Return the extra that row ``name`` needs, or None when the base install serves it.

        Raises:
            UnknownName: There is no such row.
        """
        if name not in self._rows:
            raise UnknownName.among(self.kind, name, self._rows)
        return self._rows[name].partition(" ")[2] or None

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
