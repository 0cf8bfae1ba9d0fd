"""GrabCut: colour models of thing and ground, and the cheapest cut between them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Method, Prompts, Task, setting
from pixelwise.errors import InvalidSetting
from pixelwise.methods.regions.colours import colours
from pixelwise.ops.colour import rgb8
from pixelwise.ops.otsu import otsu_level
from pixelwise.ops.progress import steps

__all__ = ["GrabCut", "cut_out"]

COARSE_SIDE = 380
"""Least longer side in pixels at which the colour models are learnt."""

COARSE_SHARE = 0.6
"""Least share of the longer side at which they are learnt; less loses thin parts."""

BAND = 5
"""Coarse pixels on either side of the coarse contour that are decided again at full size."""

FEWEST = 10
"""Pixels that each side needs for its five-part colour model, and some more."""

Trimap = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class GrabCut(Method[Foreground]):
    """Foreground is one side of the cheapest cut between two learnt mixtures of colours.

    Inside the box (or the mask's surroundings) colours of thing and ground are learnt as
    mixtures of five Gaussians, the cut that follows edges and fits the colours best is taken,
    and both are repeated. Models are learnt on a smaller copy, and only a band around its
    contour is cut again at full size. Good for a thing in a box with colours of its own; prefer
    ``random-walker`` when colours are alike and scribbles are at hand.

    Prompts: the first box, points and scribbles with label 0 (ground) or 1 (thing), a mask as a
    first guess. With none of them it is automatic: the thing is what differs from the colours
    along the picture's border.

    Source:
        C. Rother, V. Kolmogorov, A. Blake, "GrabCut", SIGGRAPH 2004; OpenCV's implementation.

    >>> picture = np.full((40, 40, 3), 30, np.uint8)
    >>> picture[10:30, 12:28] = (200, 60, 40)
    >>> GrabCut(box=(8, 6, 32, 34))(Image(picture)).area
    320
    """

    name = "grabcut"
    task = Task.FOREGROUND

    box: tuple[float, float, float, float] | None = setting(
        None, "Box around the thing: x0,y0,x1,y1 in pixels; none: automatic."
    )
    rounds: int = setting(5, "Times that models and cut are repeated.", low=1, high=100)
    prompts: Prompts | None = setting(None, "A box, points, scribbles or a mask.")

    def segment(self, image: Image) -> Foreground:
        """Return the thing."""
        guess = self._guess(image)
        return Foreground(cut_out(rgb8(image.pixels), guess, self.rounds))

    def _guess(self, image: Image) -> Trimap:
        """Return what is known and guessed at the start, in OpenCV's four classes."""
        prompts = self.prompts or Prompts()
        boxes = np.asarray(prompts.boxes if self.box is None else [self.box], np.float64)
        marked = prompts.markers(image.size)
        if len(boxes):
            guess = _inside(image.size, boxes[0])
        elif prompts.masks is not None:
            thing = np.asarray(prompts.masks).any(axis=0)
            guess = np.where(thing, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
            marked = np.where(thing, -1, marked)
        elif (marked >= 0).any():
            guess = np.full(image.size, cv2.GC_PR_BGD, np.uint8)
        else:
            return _salient(colours(image.pixels, 1.0))
        guess[marked == 0] = cv2.GC_BGD
        guess[marked > 0] = cv2.GC_FGD
        return guess


def _inside(size: tuple[int, ...], box: NDArray[np.float64]) -> Trimap:
    x0, y0, x1, y1 = np.rint(box).astype(int)
    guess = np.full(size, cv2.GC_BGD, np.uint8)
    inside = guess[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
    if inside.size == 0:
        raise InvalidSetting.of("box", tuple(box.tolist()), f"a box in the picture {size}")
    inside[:] = cv2.GC_PR_FGD
    return guess


def _salient(values: NDArray[np.float32]) -> Trimap:
    """Guess the thing: unlike the colours along the border, by Otsu's level of that unlikeness."""
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    centres = _typical(border)
    unlike = np.linalg.norm(values[..., np.newaxis, :] - centres, axis=-1).min(axis=-1)
    thing = unlike > otsu_level(unlike)
    guess = np.where(thing, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    guess[0], guess[-1], guess[:, 0], guess[:, -1] = (cv2.GC_BGD,) * 4
    return guess


def _typical(samples: NDArray[np.float32], count: int = 5) -> NDArray[np.float32]:
    """Return up to ``count`` typical colours: means of samples sorted along their main axis."""
    centred = samples - samples.mean(axis=0)
    main = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    parts = np.array_split(samples[np.argsort(centred @ main, kind="stable")], count)
    return np.stack([part.mean(axis=0) for part in parts if len(part)])


def cut_out(rgb: NDArray[np.uint8], guess: Trimap, rounds: int) -> NDArray[np.bool_]:
    """Return the thing, bool (H, W): learnt on a small copy, cut again near its contour.

    Args:
        rgb: (H, W, 3) uint8.
        guess: (H, W) uint8, OpenCV's classes: 0 ground, 1 thing, 2 ground perhaps, 3 thing
            perhaps.
        rounds: Times that models and cut are repeated.
    """
    if not (_enough(guess % 2 == 0) and _enough(guess % 2 == 1)):
        return guess == cv2.GC_FGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    height, width = guess.shape
    longer = max(height, width)
    scale = min(1.0, max(COARSE_SIDE, COARSE_SHARE * longer) / longer)
    if scale == 1:
        return _grabcut(rgb, guess.copy(), models, rounds, cv2.GC_INIT_WITH_MASK)
    side = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(guess, side, interpolation=cv2.INTER_NEAREST)
    if not (_enough(small % 2 == 0) and _enough(small % 2 == 1)):
        return _grabcut(rgb, guess.copy(), models, rounds, cv2.GC_INIT_WITH_MASK)
    reduced = cv2.resize(rgb, side, interpolation=cv2.INTER_AREA)
    coarse = _grabcut(reduced, small, models, rounds, cv2.GC_INIT_WITH_MASK)
    band = _band(coarse, guess)
    return _refined(rgb, band, models)


def _enough(mask: NDArray[np.bool_]) -> bool:
    return int(np.count_nonzero(mask)) >= FEWEST


def _grabcut(
    rgb: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    models: tuple[NDArray[np.float64], NDArray[np.float64]],
    rounds: int,
    mode: int,
) -> NDArray[np.bool_]:
    cv2.setRNGSeed(0)  # the mixtures start from k-means with random centres
    picture = np.ascontiguousarray(rgb)
    for number in steps(range(rounds)):
        cv2.grabCut(picture, mask, None, *models, 1, mode if number == 0 else cv2.GC_EVAL)
    return np.asarray(mask % 2 == 1)


def _band(coarse: NDArray[np.bool_], guess: Trimap) -> Trimap:
    """Return the guess for full size: certain but for a band around the coarse contour."""
    kernel = np.ones((2 * BAND + 1, 2 * BAND + 1), np.uint8)
    thing = coarse.view(np.uint8)
    inner = cv2.erode(thing, kernel, borderType=cv2.BORDER_REPLICATE)
    outer = cv2.dilate(thing, kernel)
    classes = np.where(inner > 0, cv2.GC_FGD, np.where(thing > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD))
    classes = np.where(outer == 0, cv2.GC_BGD, classes).astype(np.uint8)
    full = cv2.resize(classes, guess.shape[::-1], interpolation=cv2.INTER_NEAREST)
    full[guess == cv2.GC_BGD] = cv2.GC_BGD
    full[guess == cv2.GC_FGD] = cv2.GC_FGD
    return np.asarray(full, np.uint8)


def _refined(
    rgb: NDArray[np.uint8],
    band: Trimap,
    models: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.bool_]:
    """Return the cut in the part of the picture that holds the band, with the models as learnt."""
    thing = np.zeros(band.shape, bool)
    rows, columns = np.flatnonzero(band.any(axis=1)), np.flatnonzero(band.any(axis=0))
    if rows.size == 0:
        return thing
    part = (
        slice(max(rows[0] - 1, 0), rows[-1] + 2),
        slice(max(columns[0] - 1, 0), columns[-1] + 2),
    )
    mask = band[part].copy()
    thing[part] = _grabcut(rgb[part], mask, models, 1, cv2.GC_EVAL_FREEZE_MODEL)
    return thing
