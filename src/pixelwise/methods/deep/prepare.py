"""Feeds a picture to a network: its size, channels, levels, layout and quantisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Channels, Extra, Fit, InputSpec, Layout, Levels
from pixelwise.core import Image, Session, Tensor
from pixelwise.errors import InputError, ModelError
from pixelwise.methods.deep.fitting import fitted, starts
from pixelwise.methods.deep.levels import levelled
from pixelwise.methods.deep.placing import Placed
from pixelwise.ops.colour import grey, rgb8
from pixelwise.ops.colour import levels as as_levels
from pixelwise.ops.planar import Planar
from pixelwise.ops.resize import Window, lay_corners

__all__ = ["Preparer"]

WHOLE = Window()


@dataclass(frozen=True, kw_only=True)
class Preparer:
    """Lays pictures into the input of one network.

    Args:
        spec: What the card says of the input.
        tensor: What the model file says of it.
    """

    spec: InputSpec
    tensor: Tensor

    @classmethod
    def of(cls, spec: InputSpec, inputs: Sequence[Tensor]) -> "Preparer":
        """Return the preparer for the input that takes the picture.

        Raises:
            ModelError: The model has no such input, or one of another shape than the card's.
        """
        named = [tensor for tensor in inputs if spec.tensor in ("", tensor.name)]
        if not named:
            raise ModelError(f"the model has no input {spec.tensor!r}")
        if spec.extra is Extra.STATES:
            raise ModelError("the model wants recurrent states, which nothing here feeds yet")
        if spec.layout not in (Layout.NHWC, Layout.NCHW, Layout.HWC, Layout.CHW):
            raise ModelError(f"the model takes volumes ({spec.layout}), not pictures")
        preparer = cls(spec=spec, tensor=named[0])
        preparer._check()
        return preparer

    def fill(self, image: Image, session: Session) -> tuple[Mapping[str, NDArray[Any]], Placed]:
        """Write ``image`` into the input; return what ``run`` must be fed, and where it lies.

        Raises:
            InputError: A volume, or a picture without the channels that the network wants.
        """
        if image.is_volume:
            raise InputError(
                "this network takes pictures, not volumes; give it one slice at a time",
                reason="volume",
            )
        if self._is_straight:
            target = session.buffer(self.tensor.name)[0]
            own, size = image.plane, self.spec.size
            small = own.to_corners(size) if isinstance(own, Planar) else None
            source = self._channels(image.pixels) if small is None else small
            lay_corners(source, target, self.spec.mean[0], float(self._factor))
            return {}, Placed((image.height, image.width), size, WHOLE)
        if 0 in self.tensor.shape[-3:] or self.spec.fit is Fit.WINDOWS:
            made, placed = self.laid(image)
            return {self.tensor.name: made}, placed
        pixels, placed = self._placed(image)
        self._write(pixels, session.buffer(self.tensor.name), placed.window)
        return {}, placed

    @property
    def takes_batches(self) -> bool:
        """Whether one run takes any number of pictures."""
        shape = self.tensor.shape
        single = self.spec.extra is Extra.NONE and self.spec.fit is not Fit.WINDOWS
        return len(shape) == 4 and shape[0] == 0 and single

    def laid(self, image: Image) -> tuple[NDArray[Any], Placed]:
        """Return ``image`` as an input of its own, and where it lies in it.

        With the fit ``windows`` the input is a batch of its windows.

        Raises:
            InputError: A volume, or a picture without the channels that the network wants.
        """
        if image.is_volume:
            raise InputError("this network takes pictures, not volumes", reason="volume")
        pixels, placed = self._placed(image)
        made = np.zeros(self._shape(placed.input_size), self.tensor.dtype)
        self._write(pixels, made, placed.window)
        return self._cut(made, placed) if self.spec.fit is Fit.WINDOWS else (made, placed)

    def _cut(self, made: NDArray[Any], placed: Placed) -> tuple[NDArray[Any], Placed]:
        """Return an input cut along its longer side into windows, one after the other."""
        side, (height, width) = self.spec.height, placed.input_size
        axis = self.spec.layout.index("H" if height > width else "W")
        places = starts(max(height, width), side)
        windows = [made.take(range(start, start + side), axis) for start in places]
        return np.concatenate(windows), replace(placed, starts=places)

    def _placed(self, image: Image) -> tuple[NDArray[Any], Placed]:
        """Return the pixels at the network's size, and where the picture lies in them."""
        pixels, window = fitted(self._channels(image.pixels), self.spec)
        size = (pixels.shape[0], pixels.shape[1])
        return pixels, Placed((image.height, image.width), size, window)

    def _check(self) -> None:
        shape, spec = self.tensor.shape, self.spec
        wanted = self._shape((spec.height, spec.width))
        fits = len(shape) == len(wanted) and all(
            own in (0, card) or card == 0 for own, card in zip(shape, wanted, strict=True)
        )
        if not fits:
            raise ModelError(
                f"the card says the input is {wanted}, but the model's {self.tensor.name!r} "
                f"is {shape}: it is another model than the card's"
            )

    @property
    def _depth(self) -> int:
        return len(self.spec.mean) + (self.spec.extra is Extra.PREVIOUS_MASK)

    def _shape(self, size: tuple[int, int]) -> tuple[int, ...]:
        match self.spec.layout:
            case Layout.NHWC:
                return (1, *size, self._depth)
            case Layout.HWC:
                return (*size, self._depth)
            case Layout.CHW:
                return (self._depth, *size)
            case _:
                return (1, self._depth, *size)

    def _channels(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Return (H, W, C) in the channels and, unless measured data is wanted, 8 bits."""
        channels = self.spec.channels
        if channels in (Channels.RGB, Channels.BGR):
            return rgb8(pixels)
        if channels is Channels.GREY:
            values = grey(pixels)[..., np.newaxis]
            if values.dtype != np.uint8 and self.spec.levels is Levels.BYTES:
                return np.rint(as_levels(values)).astype(np.uint8)
            return values if values.dtype == np.uint8 else values.astype(np.float32)
        if pixels.shape[-1] != len(self.spec.mean):
            raise InputError(
                f"this network takes {len(self.spec.mean)} bands, the picture has "
                f"{pixels.shape[-1]}",
                reason="bands",
            )
        return pixels.astype(np.float32, copy=False)

    def _write(self, pixels: NDArray[Any], target: NDArray[Any], window: Window = WHOLE) -> None:
        """Write (h, w, C) pixels into the tensor, levelled, normalised and quantised."""
        if self.spec.channels is Channels.BGR:
            pixels = pixels[..., ::-1]
        layout = self.spec.layout
        place = target if layout in (Layout.HWC, Layout.CHW) else target[0]
        if layout in (Layout.NCHW, Layout.CHW):
            place = np.moveaxis(place, 0, -1)
        if self.spec.extra is Extra.PREVIOUS_MASK:
            place[..., -1] = 0
            place = place[..., :-1]
        if pixels.dtype == np.uint8:
            self._write_bytes(np.ascontiguousarray(pixels), place)
        else:
            place[...] = self._stored(levelled(pixels, pixels, self.spec.levels))
        if self.spec.pad < 0 and not window.is_whole:
            place[round(window.bottom * len(place)) :] = 0
            place[:, round(window.right * place.shape[1]) :] = 0

    def _write_bytes(self, pixels: NDArray[np.uint8], place: NDArray[Any]) -> None:
        table = self._table
        if self.spec.levels is not Levels.BYTES:
            table = self._stored(levelled(self._steps, pixels, self.spec.levels))
        if table is None:
            place[...] = pixels
        elif table is self._table and self._is_shifted:
            np.bitwise_xor(pixels, 128, out=place.view(np.uint8))
        elif self._is_even and place.flags.c_contiguous:
            self._write_even(pixels, place)
        elif place.flags.c_contiguous:
            cv2.LUT(pixels, table[np.newaxis], dst=place)
        else:
            place[...] = cv2.LUT(pixels, table[np.newaxis]).reshape(pixels.shape)

    @cached_property
    def _is_even(self) -> bool:
        """Whether the tensor holds floats, and all channels have one mean and one factor."""
        kinds = {*zip(self.spec.mean, self.spec.std, strict=True)}
        is_float = self.tensor.dtype == np.float32
        return is_float and len(kinds) == 1 and self.spec.levels is Levels.BYTES

    @cached_property
    def _is_shifted(self) -> bool:
        """Whether bytes are stored less 128, which turns over one bit of each."""
        table = self._table
        if table is None or table.dtype != np.int8:
            return False
        return np.array_equal(table, self._steps - 128)

    @cached_property
    def _is_straight(self) -> bool:
        """Whether a picture goes into the tensor in one pass: MediaPipe's own models."""
        spec = self.spec
        plain = spec.channels is Channels.RGB and spec.layout is Layout.NHWC
        alone = spec.extra is Extra.NONE and 0 not in self.tensor.shape
        return self._is_even and plain and alone and spec.fit is Fit.CORNERS

    @property
    def _factor(self) -> np.float32:
        return np.float32(np.float32(self.spec.scale) / np.float32(self.spec.std[0]))

    def _write_even(self, pixels: NDArray[np.uint8], place: NDArray[np.float32]) -> None:
        """Do what :meth:`InputSpec.normalised` does, in place: three times as fast as a table."""
        np.copyto(place, pixels)
        if self.spec.mean[0]:
            place -= np.float32(self.spec.mean[0])
        if self._factor != 1:
            place *= self._factor

    @property
    def _steps(self) -> NDArray[np.float32]:
        """Every byte in every channel, (256, C)."""
        steps = np.arange(256, dtype=np.float32)[:, np.newaxis]
        return np.repeat(steps, len(self.spec.mean), axis=1)

    @cached_property
    def _table(self) -> NDArray[Any] | None:
        """What each byte is stored as in each channel, (256, C); None: as it is."""
        table = self._stored(self._steps)
        same = table.dtype == np.uint8 and bool((table == self._steps).all())
        return None if same else np.ascontiguousarray(table)

    def _stored(self, values: NDArray[np.float32]) -> NDArray[Any]:
        """Return levels (..., C) as the tensor stores them."""
        real, tensor = self.spec.normalised(values), self.tensor
        if tensor.dtype.kind == "f":
            return real.astype(tensor.dtype, copy=False)
        if tensor.scale:
            real = real / np.float32(tensor.scale) + np.float32(tensor.zero)
        limits = np.iinfo(tensor.dtype)
        return np.clip(np.rint(real), limits.min, limits.max).astype(tensor.dtype)
