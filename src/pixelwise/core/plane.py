"""Values that become an array only when somebody asks for one."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Plane"]


class Plane(Protocol):
    """Values of the picture's size that become an array only when asked for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that the array will have."""

    def __array__(
        self,
        dtype: np.dtype[Any] | None = None,
        copy: bool | None = None,  # noqa: FBT001
    ) -> NDArray[Any]: ...
