"""Commands that need an extra say which, instead of ending in an import error."""

from collections.abc import Iterator
from contextlib import contextmanager

from pixelwise.errors import MissingExtra

__all__ = ["needs"]


@contextmanager
def needs(command: str, extra: str) -> Iterator[None]:
    """Turn a missing package into the pip line of its extra.

    Raises:
        MissingExtra: A package that the imports inside need is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "pixelwise":
            raise
        raise MissingExtra.of(command, package, extra) from error
