"""A window with the live picture, by Tk, which comes with Python."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np

from pixelwise.core import Image, Result
from pixelwise.errors import Cancelled, OutputError

__all__ = ["Preview", "has_screen"]

WIDEST = 1280


def has_screen() -> bool:
    """Whether a window can be opened here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class Preview:
    """A sink: a window; every key goes to ``pressed``, Escape, q and the cross end the work.

    Args:
        pressed: Takes the character of a key.

    Raises:
        OutputError: No window can be opened, or this Python came without Tk.
        Cancelled: The user closed it.
    """

    def __init__(self, pressed: Callable[[str], None]) -> None:
        self._pressed = pressed
        self._is_open = True
        self._shown: object = None
        self._window: Any = None

    def __enter__(self) -> Self:
        try:
            self._tk = import_module("tkinter")  # some systems leave it out
        except ImportError as error:
            raise OutputError(
                "no window can be opened: this Python has no Tk (Debian: python3-tk); take "
                "--headless"
            ) from error
        tk = self._tk
        try:
            self._window = tk.Tk()
        except tk.TclError as error:
            raise OutputError(f"no window can be opened: {error}; take --headless") from error
        self._window.title("pixelwise")
        self._label = tk.Label(self._window, borderwidth=0)
        self._label.pack()
        self._window.bind("<Key>", self._on_key)
        self._window.protocol("WM_DELETE_WINDOW", self._close)
        return self

    def write(self, image: Image, result: Result) -> None:  # noqa: ARG002 - the port's shape
        """Show one picture."""
        pixels = np.ascontiguousarray(image.pixels[..., :3])
        height, width = pixels.shape[:2]
        if width > WIDEST:
            pixels = np.asarray(cv2.resize(pixels, (WIDEST, height * WIDEST // width)), np.uint8)
            height, width = pixels.shape[:2]
        head = f"P6 {width} {height} 255\n".encode()
        self._shown = self._tk.PhotoImage(data=head + pixels.tobytes(), format="PPM")
        self._label.configure(image=self._shown)
        self._window.update()
        if not self._is_open:
            raise Cancelled("the window was closed")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shown = None
        self._window.destroy()

    def _on_key(self, event: Any) -> None:  # noqa: ANN401 - Tk's
        if event.keysym in ("Escape", "q"):
            self._close()
        elif event.char:
            self._pressed(event.char)

    def _close(self) -> None:
        self._is_open = False
