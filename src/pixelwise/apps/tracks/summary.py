"""What happened in a film: its tracks, and events at zones and lines."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pixelwise.core import Image, Instances, Panoptic, Result
from pixelwise.io.atomic import make_folder
from pixelwise.tracking.zones import Event, Watch

__all__ = ["Summary", "TrackRow"]


@dataclass(slots=True)
class TrackRow:
    """One thing's time in the film: its class, first and last frame, and frames in sight."""

    class_name: str
    first: int
    last: int
    frames: int


@dataclass(eq=False)
class Summary:
    """A sink: counts tracks, and writes events as lines of JSON while the film runs.

    Args:
        watch: The places that are watched.
        path: File of the events; None: they are only counted.
    """

    watch: Watch
    path: Path | None = None
    tracks: dict[int, TrackRow] = field(default_factory=dict)
    frames: int = 0
    _file: IO[str] | None = None

    def write(self, image: Image, result: Result) -> None:
        """Take one frame."""
        events = self.watch.see(result, self.frames, image.space.time_s)
        for event in events:
            self._log(event)
        assert isinstance(result, Instances | Panoptic)  # noqa: S101 - the watch took it
        for segment in result.segments:
            if segment.track_id > 0:
                name = result.legend.name(segment.class_id)
                row = self.tracks.setdefault(
                    segment.track_id, TrackRow(name, self.frames, self.frames, 0)
                )
                row.class_name, row.last, row.frames = name, self.frames, row.frames + 1
        self.frames += 1

    def _log(self, event: Event) -> None:
        if self._file is not None:
            self._file.write(json.dumps(event.record()) + "\n")
            self._file.flush()

    def record(self) -> dict[str, object]:
        """Return what ``--json`` tells of the tracks and places."""
        rows = [
            {
                "track": number,
                "class": row.class_name,
                "first_frame": row.first,
                "last_frame": row.last,
                "frames": row.frames,
            }
            for number, row in sorted(self.tracks.items())
        ]
        counts = [
            {"place": place, "event": kind, "count": count}
            for (place, kind), count in sorted(self.watch.counts.items())
        ]
        return {"tracks": rows, "counts": counts}

    def __enter__(self) -> Self:
        if self.path is not None:
            make_folder(self.path.parent)
            self._file = self.path.open("w", encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
