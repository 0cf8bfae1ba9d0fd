"""Arrays that are made only when somebody asks for them."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Deferred"]


class Deferred(ABC):
    """What becomes an array with ``np.asarray``; its subclasses say which.

    >>> class Zeros(Deferred):
    ...     shape = (2,)
    ...     def made(self):
    ...         return np.zeros(self.shape)
    >>> np.asarray(Zeros()).tolist()
    [0.0, 0.0]
    """

    __slots__ = ()

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """The shape of the array that it becomes."""

    @abstractmethod
    def made(self) -> NDArray[Any]:
        """Return the array, made anew."""

    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]:
        if copy is False:
            raise ValueError("the array is made when asked for, so only a copy can be had")
        return np.asarray(self.made(), dtype=dtype)
