"""Kernels compiled when the extra ``fast`` is there; one decorator, no other switch.

A compiled kernel always has a fallback with equal results; :data:`COMPILED` says which of the
two runs.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

__all__ = ["COMPILED", "jit"]

F = TypeVar("F", bound=Callable[..., Any])

COMPILED = find_spec("numba") is not None
"""Whether kernels marked with :func:`jit` are compiled here."""


def jit(function: F) -> F:
    """Compile a kernel at its first call and cache it on disk; without numba return it as it is.

    Uncompiled it gives the same answer, only slowly; callers ask :data:`COMPILED` to take their
    fallback instead.
    """
    if not COMPILED:
        return function
    from numba import njit  # noqa: PLC0415 - an extra, and slow to import

    return njit(cache=True, nogil=True)(function)
