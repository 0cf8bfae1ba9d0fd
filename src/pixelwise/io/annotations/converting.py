"""From one annotation format to another: what is lost on the way is named, object by object."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from pixelwise.errors import InputError, LimitError, UsageError
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.faults import Fault
from pixelwise.io.annotations.fitting import Fit
from pixelwise.io.annotations.losses import Lost, Report
from pixelwise.io.format import Reading
from pixelwise.io.sources import shown

__all__ = ["check_free", "convert", "faults_of", "open_dataset", "sniffed"]


def sniffed(place: Path) -> str:
    """Return the name of the format that a file or folder looks like.

    Raises:
        InputError: It is missing, or looks like none.
    """
    if not place.exists():
        raise InputError(f"{shown(place)}: there is no such file or folder", reason="missing")
    found = next((name for name in ANNOTATIONS if ANNOTATIONS[name].sniff(place)), None)
    if found is None:
        raise InputError(
            f"{shown(place)}: it looks like no annotation format; if it is one, name it (--from, "
            f"--truth-format or --prediction-format): {', '.join(ANNOTATIONS)}",
            reason="unsupported",
        )
    return found


def open_dataset(place: Path, name: str = "", rules: Reading | None = None) -> Dataset:
    """Return the annotated pictures of a file or folder.

    Args:
        place: The file or folder.
        name: Row of ANNOTATIONS; empty: what it looks like.
        rules: Limits.

    Raises:
        InputError: It is no such thing or is damaged.
        LimitError: It asks for too much.
    """
    return ANNOTATIONS[name or sniffed(place)].read(place, rules or Reading())


def convert(
    source: Dataset, target: Path, name: str, say: Callable[[Lost], None] | None = None
) -> Report:
    """Write a dataset in another format and return what it lost.

    Args:
        source: What to write; it is read once, picture by picture.
        target: File or folder; a folder that exists must be empty.
        name: Row of ANNOTATIONS.
        say: Is told each loss as it happens.

    Raises:
        UsageError: The target is in use.
        InputError: There is no picture in the source.
        OutputError: It cannot be written.
    """
    row = ANNOTATIONS[name]
    check_free(target)
    fit = Fit(source.legend, row.capacity)
    report = Report()

    def fitted() -> Iterator[Sample]:
        for sample in source:
            made, lost = fit(sample)
            report.count(len(made.objects), lost)
            for one in lost if say else ():
                say(one)  # type: ignore[misc]
            yield made

    samples = fitted()
    first = next(samples, None)  # damaged input is found before anything is written
    if first is None:
        raise InputError("there is no picture in the input; nothing was written", reason="empty")
    row.write(target, Dataset(legend=fit.legend, samples=chain([first], samples)))
    return report


def check_free(target: Path) -> None:
    """Refuse to write among other files.

    Raises:
        UsageError: The target is a folder with files in it.
    """
    if target.is_dir() and any(target.iterdir()):
        raise UsageError(f"the output {shown(target)} has files in it; give a new folder")


def faults_of(place: Path, name: str = "", rules: Reading | None = None) -> Iterator[Fault]:
    """Yield every fault of an annotation file or folder.

    Raises:
        InputError: It is missing, or looks like no format.
    """
    row = ANNOTATIONS[name or sniffed(place)]
    try:
        yield from row.faults(place, rules or Reading())
    except (InputError, LimitError) as error:  # what all of it hangs on is wrong
        yield Fault.of(error, str(place))
