"""How long each class is in sight, and how much of the frame it fills."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pixelwise.core import Image, Panoptic

__all__ = ["Shares"]


@dataclass
class Shares:
    """Adds up frames; a frame lasts until the next one, the last as long as the one before.

    >>> table = Shares()
    >>> table.text().splitlines()[0]
    'class,frames,seconds,things,mean_share_percent,largest_share_percent'
    """

    times: list[float] = field(default_factory=list)
    rows: list[dict[str, tuple[float, int]]] = field(default_factory=list)

    def add(self, image: Image, result: Panoptic) -> None:
        """Count a frame."""
        area = image.height * image.width
        row: dict[str, tuple[float, int]] = {}
        for segment in result.segments:
            kind = result.legend[segment.class_id]
            share, things = row.get(kind.name, (0.0, 0))
            row[kind.name] = (share + segment.area / area, things + int(kind.is_thing))
        self.times.append(image.space.time_s or 0.0)
        self.rows.append(row)

    def text(self) -> str:
        """Return the table as CSV: a line a class, the largest mean share first."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(
            ["class", "frames", "seconds", "things", "mean_share_percent", "largest_share_percent"]
        )
        steps = np.diff(self.times)
        lasts = np.append(steps, steps[-1:]) if steps.size else np.zeros(len(self.rows))
        names = {name for row in self.rows for name in row}
        lines = []
        for name in names:
            seen = [n for n, row in enumerate(self.rows) if name in row]
            share = np.array([self.rows[n][name][0] for n in seen]) * 100
            most = max(self.rows[n][name][1] for n in seen)
            mean = share.sum() / len(self.rows)
            lines.append((-mean, name, len(seen), float(lasts[seen].sum()), most, share.max()))
        for mean, name, frames, seconds, most, largest in sorted(lines):
            writer.writerow(
                [name, frames, f"{seconds:.3f}", most, f"{-mean:.3f}", f"{largest:.3f}"]
            )
        return text.getvalue()

    def listed(self, names: Sequence[str]) -> str:
        """Return the classes of each frame as CSV, the largest share first.

        Args:
            names: Of the frames, in the order in which they were added.

        >>> Shares().listed([]).strip().split(",")
        ['picture', 'class', 'things', 'share_percent']
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["picture", "class", "things", "share_percent"])
        for picture, row in zip(names, self.rows, strict=True):
            for name, (share, things) in sorted(row.items(), key=lambda item: -item[1][0]):
                writer.writerow([picture, name, things, f"{share * 100:.3f}"])
        return text.getvalue()
