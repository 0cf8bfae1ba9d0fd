"""What stands between a picture and a network: where the one lies in the other, and who decodes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from pixelwise.cards import Card
from pixelwise.core import Result, Tensor
from pixelwise.ops.resize import Window

__all__ = ["Decoder", "DecoderMaker", "Placed"]


@dataclass(frozen=True, slots=True)
class Placed:
    """How a picture was laid into a network's input.

    Args:
        size: (height, width) of the picture.
        input_size: (height, width) of the network's input.
        window: The part of the input that holds the picture, in shares of its sides.
        starts: Where the windows begin into which the input was cut along its longer side;
            none: it was fed whole.
    """

    size: tuple[int, int]
    input_size: tuple[int, int]
    window: Window
    starts: tuple[int, ...] = ()


class Decoder(Protocol):
    """Turns the outputs of one network into a result of the picture's size."""

    def __call__(self, outputs: Sequence[NDArray[Any]], placed: Placed, /) -> Result:
        """Return the result; space and provenance are filled in by the network.

        Raises:
            ModelError: The outputs are nonsense: NaN, infinite, or of a wrong shape.
        """


class DecoderMaker(Protocol):
    """Makes the decoder of one network; one row of the DECODERS table."""

    def __call__(self, card: Card, outputs: Sequence[Tensor], /) -> Decoder:
        """Return the decoder for what the card says and the model file gives."""
