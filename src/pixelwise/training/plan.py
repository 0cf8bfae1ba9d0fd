"""A plan: every choice of a training run, each with its range and its meaning."""

from dataclasses import dataclass
from enum import StrEnum

from pixelwise.cards import Channels, Levels
from pixelwise.core import check_ranges, setting
from pixelwise.errors import InvalidSetting

__all__ = ["Head", "Plan", "Precision"]


class Head(StrEnum):
    """What the network answers.

    ``classes``: a score for each class in each pixel. ``distance``: the same and how deep each
    pixel lies in its thing, so that things that touch come apart. ``flows``: the same with the way
    to the middle of the thing instead. ``boxes``: a box, a class and a small mask for each thing.
    """

    CLASSES = "classes"
    DISTANCE = "distance"
    FLOWS = "flows"
    BOXES = "boxes"


class Precision(StrEnum):
    """In what the forward pass is computed; weights and updates stay 32 bits."""

    SINGLE = "32-true"
    BFLOAT = "bf16-mixed"
    HALF = "16-mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every choice of one training run.

    Two runs of one plan on the same data, threads and versions give the same weights.

    Raises:
        InvalidSetting: A number is outside its range.
    """

    net: str = setting(doc="Row of the NETS table: unet, fcn, mask-rcnn.")
    head: Head = setting(doc="What it answers.")
    classes: tuple[str, ...] = setting(doc="Names of the classes, background first.")
    void: bool = setting(default=False, doc="Some pixels of the truth are of no class.")
    channels: Channels = setting(Channels.RGB, "What the channels of the pictures are.")
    bands: int = setting(3, "Channels of the pictures.", low=1, high=64)
    levels: Levels = setting(Levels.PERCENTILES, "How values are brought to 0..1.")
    orientation: str = setting("", "Direction of a volume's axes; empty: pictures.")
    spacing_mm: float = setting(1.0, "Side of a voxel.", low=0.01, high=100)
    patch: tuple[int, ...] = setting((256, 256), "Sides of a training patch.", low=8, high=4096)
    batch: int = setting(8, "Patches a step.", low=1, high=1024)
    foreground: float = setting(
        0.33, "Share of patches whose middle is not background.", low=0, high=1
    )
    encoder: str = setting("", "Encoder of smp or backbone of torchvision; empty: a plain one.")
    weights: str = setting("", "Published weights of the encoder; empty: from scratch.")
    widths: tuple[int, ...] = setting((32, 64, 96, 128), "Channels a level.", low=1, high=4096)
    stem: int = setting(2, "By how much the first layer shrinks the picture.", low=1, high=4)
    stages: int = setting(3, "Stages of a backbone that an fcn reads.", low=1, high=4)
    enlarge: int = setting(1, "The network enlarges pictures by it first.", low=1, high=4)
    zoom: tuple[float, float] = setting((0.7, 1.4), "Least and greatest zoom.", low=0.1, high=10)
    turn: float = setting(180.0, "Greatest turn to either side, in degrees.", low=0, high=180)
    flip: tuple[int, ...] = setting((0, 1), "Axes along which patches are mirrored.", low=0, high=2)
    gamma: float = setting(0.4, "Greatest change of gamma, as a logarithm.", low=0, high=2)
    contrast: float = setting(0.25, "Greatest change of contrast and brightness.", low=0, high=1)
    tint: float = setting(0.1, "Greatest change of a single channel.", low=0, high=1)
    noise: float = setting(0.05, "Greatest standard deviation of the noise.", low=0, high=1)
    blur: float = setting(1.0, "Greatest sigma of the blur, in pixels.", low=0, high=10)
    invert: float = setting(0.0, "Share of patches that are inverted.", low=0, high=1)
    dice: float = setting(1.0, "Weight of the Dice loss.", low=0, high=100)
    entropy: float = setting(1.0, "Weight of the cross entropy.", low=0, high=100)
    focus: float = setting(0.0, "Gamma of the focal loss; 0: plain cross entropy.", low=0, high=5)
    boundary: float = setting(0.0, "Weight of the boundary loss.", low=0, high=100)
    depth: float = setting(4.0, "Weight of the loss of distances or flows.", low=0, high=100)
    class_weights: tuple[float, ...] = setting(
        (), "Weight of each class in the cross entropy; empty: equal.", low=0, high=1000
    )
    rate: float = setting(2e-3, "Greatest learning rate.", low=0, high=10)
    decay: float = setting(1e-4, "Weight decay.", low=0, high=1)
    warmup: int = setting(100, "Steps in which the rate grows.", low=0, high=1_000_000)
    steps: int = setting(2000, "Steps in all.", low=1, high=100_000_000)
    cycles: int = setting(1, "How often the rate falls and begins anew.", low=1, high=100)
    epoch: int = setting(200, "Steps between two looks at the held-out pictures.", low=1)
    patience: int = setting(0, "Epochs without gain after which it stops; 0: never.", low=0)
    ema: float = setting(0.99, "Share of the old in the averaged weights.", low=0, high=1)
    precision: Precision = setting(Precision.SINGLE, "In what it is computed.")
    held_out: float = setting(0.15, "Share of the pictures kept for validation.", low=0, high=0.9)
    folds: int = setting(
        0, "Even parts of which one is kept; 0: the share held out.", low=0, high=100
    )
    fold: int = setting(0, "Which part is kept: 0 the last, 1 the one before.", low=0, high=100)
    mirror: tuple[int, ...] = setting(
        (), "Axes along which the test is run mirrored, too; empty: none.", low=0, high=2
    )
    workers: int = setting(0, "Processes that cut patches; 0: the training's own.", low=0, high=64)
    seed: int = setting(0, "Of everything that is drawn.", low=0)

    def __post_init__(self) -> None:
        check_ranges(self)
        if len(self.patch) != self.axes:
            raise InvalidSetting.of("patch", self.patch, f"{self.axes} sides")
        if any(side % self.multiple for side in self.patch):
            raise InvalidSetting.of("patch", self.patch, f"multiples of {self.multiple}")
        if self.folds and (self.folds == 1 or self.fold >= self.folds):
            raise InvalidSetting.of("fold", self.fold, f"below folds, which is {self.folds}, not 1")
        if self.mirror and (self.head is Head.BOXES or max(self.mirror) >= self.axes):
            wanted = f"axes below {self.axes}; boxes are not averaged"
            raise InvalidSetting.of("mirror", self.mirror, wanted)
        if self.axes == 3 and self.head is not Head.CLASSES:
            raise InvalidSetting.of("head", self.head, "classes: things in volumes are not taught")

    @property
    def axes(self) -> int:
        """2 for pictures, 3 for volumes."""
        return 3 if self.orientation else 2

    @property
    def multiple(self) -> int:
        """What the sides of an input must be multiples of."""
        if self.encoder or self.net != "unet":
            return 32
        return int(self.stem * 2 ** (len(self.widths) - 1))

    @property
    def planes(self) -> int:
        """Channels that the head has beside the classes."""
        return {Head.DISTANCE: 1, Head.FLOWS: 2}.get(self.head, 0)
