"""Kernels compiled when the extra ``fast`` is there; one decorator, no other switch.

A compiled kernel always has a fallback with equal results; :data:`COMPILED` says which of the
two runs.
"""

from collections.abc import Callable
from functools import update_wrapper
from importlib import import_module
from importlib.util import find_spec
from sys import modules
from types import ModuleType
from typing import Any, TypeVar, cast

__all__ = ["COMPILED", "PATIENCE", "Kernels", "jit"]

F = TypeVar("F", bound=Callable[..., Any])

COMPILED = find_spec("numba") is not None
"""Whether kernels marked with :func:`jit` are compiled here."""


def jit(function: F) -> F:
    """Compile a kernel at its first call and cache it on disk; without numba return it as it is.

    Uncompiled it gives the same answer, only slowly; callers ask :data:`COMPILED` to take their
    fallback instead. Importing a module of kernels does not import numba, which takes a second.
    """
    return cast("F", _Kernel(function)) if COMPILED else function


class _Kernel:
    """A kernel that is compiled when it is first called."""

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self._plain = function
        self._compiled: Callable[..., Any] | None = None

    def __call__(self, *values: Any) -> Any:  # noqa: ANN401 - what the kernel takes and gives
        return self.compiled()(*values)

    def compiled(self) -> Callable[..., Any]:
        """Return what numba made of it, in whose globals other kernels are numba's, too."""
        if self._compiled is None:
            from numba import njit  # noqa: PLC0415 - an extra, and slow to import

            made = self._compiled = njit(cache=True, nogil=True)(self._plain)
            known = self._plain.__globals__
            for name, value in list(known.items()):
                if isinstance(value, _Kernel):
                    known[name] = value.compiled()
            return made
        return self._compiled


class Kernels:
    """A module of compiled kernels that is imported only once it pays.

    Importing numba takes about a second: more than one picture needs altogether, nothing to a
    video. So the plain fallback works first, and the kernels take over when numba is loaded
    anyway, when somebody asked for them (:meth:`warm`), or after :data:`PATIENCE` calls. Both
    give equal results.

    Args:
        module: Its full name.
    """

    def __init__(self, module: str) -> None:
        self._name = module
        self._module: ModuleType | None = None
        self._calls = 0

    def warm(self) -> None:
        """Import the kernels now, where they can be compiled."""
        if COMPILED and self._module is None:
            import_module("numba")
            self._module = import_module(self._name)

    def ready(self) -> ModuleType | None:
        """Return the module, or None when the fallback is to work; counts as one call."""
        if self._module is None and COMPILED:
            self._calls += 1
            if self._calls > PATIENCE or "numba" in modules:
                self.warm()
        return self._module


PATIENCE = 200
"""Calls after which a fallback of a few milliseconds has cost as much as importing numba."""
