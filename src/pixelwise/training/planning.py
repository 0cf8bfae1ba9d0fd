"""Looks at the data and plans as nnU-Net does: what it saw, what follows, and why.

Source:
    F. Isensee et al., "nnU-Net", Nature Methods 18, 2021, for planning by a fingerprint.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Channels
from pixelwise.core import Instances, Legend, Regions, build
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.training.examples import Example
from pixelwise.training.machine import Machine
from pixelwise.training.plan import Head, Plan

__all__ = ["Fingerprint", "Planned", "fingerprint", "planned"]

PATCH, DEEP_PATCH = 256, 64
"""Greatest side of a patch of pictures and of volumes."""
VIEWS = 40
"""How often each pixel is seen in a run."""
FEWEST, MOST = 300, 20_000
"""Steps."""
FEWEST_BOXES = 1000
"""Steps of a Mask R-CNN, which finds nothing at first: on nuclei 0.07 after 433, 0.42 after 866."""
SMALL = 32
"""Things of a smaller diameter are enlarged for a Mask R-CNN, whose finest grid is a quarter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a plan follows from.

    Args:
        count: Pictures.
        size: Median size.
        channels: Of a picture.
        shares: Share of each class among the pixels.
        diameter: Median diameter of a thing in pixels; 0 where there are no things.
        is_upright: Whether classes keep to a height, as the sky does: then pictures have an up.
        orientation: Of volumes, as letters; empty for pictures.
        spacing_mm: Median side of a voxel.
    """

    count: int
    size: tuple[int, ...]
    channels: int
    shares: tuple[float, ...]
    diameter: float
    is_upright: bool
    orientation: str
    spacing_mm: float


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and the reason of each choice that the data decided."""

    plan: Plan
    reasons: dict[str, str]


def fingerprint(examples: Sequence[Example], classes: int) -> Fingerprint:
    """Return what is seen in the data.

    Raises:
        InputError: There is nothing, or pictures and volumes are mixed.
    """
    if not examples:
        raise InputError("there is no annotated picture to learn from", reason="empty")
    kinds = {(example.image.is_volume, example.image.channels) for example in examples}
    if len({is_volume for is_volume, _ in kinds}) > 1:
        raise InputError("pictures and volumes are mixed; train one network for each")
    first = examples[0].image
    shares, heights = _classes_seen(examples, classes)
    return Fingerprint(
        count=len(examples),
        size=tuple(int(side) for side in np.median([one.image.size for one in examples], axis=0)),
        channels=max(channels for _, channels in kinds),
        shares=tuple(shares.tolist()),
        diameter=_diameter(examples),
        is_upright=not first.is_volume and bool(np.nanmax(heights) - np.nanmin(heights) > 0.3),
        orientation=_orientation(examples),
        spacing_mm=float(np.median([min(one.image.space.spacing) for one in examples])),
    )


def planned(seen: Fingerprint, legend: Legend, net: str, given: Mapping[str, object]) -> Planned:
    """Return a plan for a net; what is given stands, the rest follows from the data.

    Args:
        seen: The data.
        legend: Its classes, the background first.
        net: unet, fcn or mask-rcnn.
        given: Settings of :class:`Plan` as the user wrote them.

    Raises:
        InvalidSetting: A setting is wrong, or the net cannot learn from such data.
    """
    rules: list[Callable[[_Draft], None]] = [_head, _input, _size, _variation, _loss]
    draft = _Draft(seen, net, {}, {})
    draft.take("classes", tuple(row.name for row in legend), "the classes of the data")
    for rule in rules:
        rule(draft)
    plan = build(Plan, {"net": net, **draft.values, **given})
    _schedule(draft, plan, plan.steps if "steps" in given else None)
    plan = build(Plan, {"net": net, **draft.values, **given})
    if plan.head is Head.BOXES and not seen.diameter:
        raise InvalidSetting(
            "mask-rcnn learns single things, and these labels are classes; give instances "
            "(16-bit label maps, COCO, ...) or train a unet"
        )
    return Planned(plan, {key: why for key, why in draft.reasons.items() if key not in given})


@dataclass(frozen=True, slots=True)
class _Draft:
    seen: Fingerprint
    net: str
    values: dict[str, object]
    reasons: dict[str, str]

    def take(self, key: str, value: object, why: str) -> None:
        """Choose a value that the user left open."""
        self.values[key] = value
        self.reasons[key] = why


def _head(draft: _Draft) -> None:
    if draft.net == "mask-rcnn":
        draft.take("head", Head.BOXES, "a Mask R-CNN answers with boxes and masks")
    elif draft.seen.diameter and draft.net == "unet":
        why = "the labels tell single things, which must come apart where they touch"
        draft.take("head", Head.DISTANCE, why)
    else:
        draft.take("head", Head.CLASSES, "one class for each pixel")


def _input(draft: _Draft) -> None:
    seen = draft.seen
    if seen.orientation:
        draft.take("orientation", seen.orientation, "how most volumes lie")
        draft.take("spacing_mm", seen.spacing_mm, "the finest side of most voxels")
        draft.take("channels", Channels.GREY, "volumes are grey")
        draft.take("bands", 1, "volumes are grey")
    elif seen.channels > 4 or seen.channels == 2:
        draft.take("channels", Channels.BANDS, f"{seen.channels} bands")
        draft.take("bands", seen.channels, f"{seen.channels} bands")


def _size(draft: _Draft) -> None:
    seen, machine = draft.seen, Machine.here()
    if seen.orientation:
        draft.take("stem", 1, "volumes are small: nothing is shrunk first")
        draft.take("widths", (16, 32, 64, 128), "a volume has many voxels: narrow layers")
    elif 0 < seen.diameter < 8:
        draft.take("stem", 1, f"things of {seen.diameter:.0f} pixels would be lost if shrunk")
    small = draft.net == "mask-rcnn" and seen.diameter < SMALL
    if small:
        draft.take("enlarge", 2, f"things of {seen.diameter:.0f} pixels are small for its grid")
    step = 8 if seen.orientation else 32
    most = (DEEP_PATCH if seen.orientation else PATCH) // (2 if small else 1)
    patch = tuple(min(most, max(step, -(-side // step) * step)) for side in seen.size)
    draft.take("patch", patch, f"pictures of about {'x'.join(map(str, seen.size))} pixels")
    batch, why = machine.batch_for(patch)
    draft.take("batch", batch, why)
    draft.take("precision", machine.precision, machine.why)
    if machine.workers:
        draft.take(
            "workers", machine.workers, "a GPU would wait for patches cut in its own process"
        )


def _variation(draft: _Draft) -> None:
    if draft.seen.orientation:
        draft.take("turn", 20.0, "volumes lie alike")
        draft.take("flip", (), "left and right, front and back differ in bodies")
        draft.take("zoom", (0.8, 1.25), "bodies differ little in size")
        draft.take("tint", 0.0, "one channel")
        draft.take("foreground", 0.67, "most of a volume is background")
    elif draft.seen.is_upright:
        draft.take("turn", 10.0, "classes keep to a height: pictures have an up")
        draft.take("flip", (1,), "pictures have an up, but left and right are alike")


def _loss(draft: _Draft) -> None:
    shares = np.array(draft.seen.shares)
    present = shares[shares > 0]
    if len(present) > 1 and present.min() < 0.01:
        weights = np.where(shares > 0, np.sqrt(present.max() / np.maximum(shares, 1e-6)), 1.0)
        why = f"the rarest class has {100 * present.min():.2g} % of the pixels"
        draft.take("class_weights", tuple(np.clip(weights, 1, 5).round(2).tolist()), why)


def _schedule(draft: _Draft, plan: Plan, steps: int | None) -> None:
    if steps is None:
        pixels = draft.seen.count * float(np.prod(draft.seen.size))
        per_step = float(np.prod(plan.patch)) * plan.batch
        fewest = FEWEST_BOXES if plan.head is Head.BOXES else FEWEST
        steps = int(np.clip(round(VIEWS * pixels / per_step), fewest, MOST))
        why = f"each pixel is seen about {VIEWS} times, {fewest} steps at least"
        draft.take("steps", steps, why)
    draft.take("warmup", max(1, steps // 20), "a twentieth of the steps")
    draft.take("epoch", max(10, steps // 8), "eight looks at the held-out pictures")


def _classes_seen(
    examples: Sequence[Example], classes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of each class, and its mean height in the picture (0 top, 1 bottom)."""
    counts, rows = np.zeros(classes), np.zeros(classes)
    for example in examples:
        targets = example.targets
        flat = targets.reshape(targets.shape[0], -1)
        place = np.repeat(np.linspace(0, 1, len(flat)), flat.shape[1])
        known = flat.reshape(-1) >= 0
        counts += np.bincount(flat.reshape(-1)[known], minlength=classes)
        rows += np.bincount(flat.reshape(-1)[known], place[known], minlength=classes)
    heights = np.full(classes, np.nan)
    heights[counts > 0] = rows[counts > 0] / counts[counts > 0]
    return counts / max(1.0, counts.sum()), heights


def _diameter(examples: Sequence[Example]) -> float:
    areas = []
    for example in examples:
        if isinstance(example.truth, Instances | Regions):
            sizes = np.bincount(example.numbers.reshape(-1))[1:]
            areas += sizes[sizes > 0].tolist()
    return float(2 * np.sqrt(np.median(areas) / np.pi)) if areas else 0.0


def _orientation(examples: Sequence[Example]) -> str:
    """Return the letters towards which the array axes of most volumes grow."""
    found = [_letters(example) for example in examples if example.image.is_volume]
    return max(set(found), key=found.count) if found else ""


def _letters(example: Example) -> str:
    matrix = example.image.space.matrix
    if matrix is None:
        return "SAR"
    letters = [""] * 3
    linear = matrix[:3, [2, 1, 0]]
    free = {0, 1, 2}
    for axis in range(3):
        world = max(free, key=lambda row: abs(linear[row, axis]))
        free.discard(world)
        letters[axis] = ("LR", "PA", "IS")[world][int(linear[world, axis] > 0)]
    return "".join(letters)
