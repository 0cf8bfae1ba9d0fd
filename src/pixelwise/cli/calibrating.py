"""The temperature that makes a network's probabilities true, fitted and kept."""

from collections.abc import Iterator
from pathlib import Path

from pixelwise.cards import load_cards
from pixelwise.cards.measured import measured, record
from pixelwise.catalog import Access
from pixelwise.catalog.finding import find_with
from pixelwise.cli.exits import report
from pixelwise.cli.joining import key_of, renamed
from pixelwise.convert import to_foreground
from pixelwise.core import Foreground, Result, Segmenter, Semantic
from pixelwise.errors import InputError
from pixelwise.io.annotations.dataset import Dataset
from pixelwise.io.annotations.pictures import SUFFIXES
from pixelwise.io.files import read
from pixelwise.methods.deep.uncertainty import fit_temperature

__all__ = ["calibrate"]


def calibrate(model: str, truth: Dataset, pictures: Path) -> dict[str, object]:
    """Run a network on the pictures of an annotated set, fit its temperature, and keep it.

    Args:
        model: Name of a card.
        truth: Foregrounds or classes.
        pictures: Folder of the pictures.

    Returns:
        What was found, for JSON: model, temperature, was, pictures, and the mean of
        -log(probability of the truth) before and after.

    Raises:
        UnknownName: There is no such card.
        InputError: No picture is there, or the network gives no probabilities.
    """
    card = load_cards()[model]
    was = float(measured("temperatures").get(model, card.decoder.temperature))
    segmenter = find_with(model, {}, Access(say=report))
    found = fit_temperature(_pairs(truth, pictures, segmenter))
    temperature = round(was * found.temperature, 4)
    file = record("temperatures", model, temperature)
    report(f"{model}: temperature {temperature:g} (was {was:g}) is kept in {file}")
    return {
        "model": model,
        "temperature": temperature,
        "was": was,
        "pictures": found.pictures,
        "surprise_before": found.before,
        "surprise_after": found.after,
    }


def _pairs(truth: Dataset, pictures: Path, segmenter: Segmenter) -> Iterator[tuple[Result, Result]]:
    """Yield truth and answer for the pictures that are there."""
    count = 0
    for sample in truth:
        path = _picture(pictures, key_of(sample))
        if path is None:
            continue
        count += 1
        result = segmenter(read(path))
        wanted = to_foreground(sample.result) if isinstance(result, Foreground) else sample.result
        yield (renamed(wanted, result.legend) if isinstance(result, Semantic) else wanted), result
    if not count:
        raise InputError(f"no picture in {pictures} has a name that the truth knows")


def _picture(folder: Path, stem: str) -> Path | None:
    places = (folder / (name + suffix) for name in (stem, Path(stem).name) for suffix in SUFFIXES)
    return next((path for path in places if path.is_file()), None)
