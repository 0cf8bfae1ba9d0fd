"""pixelwise train: pictures and masks in, a model with its card out."""

import shlex
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from pixelwise.cli import options
from pixelwise.cli.exits import emit, report
from pixelwise.cli.progress import Steps
from pixelwise.core import Legend
from pixelwise.errors import MissingExtra

__all__ = ["train"]


def train(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A folder with images and labels, or COCO, ...")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the run; one that exists goes on.")
    ],
    net: Annotated[str | None, typer.Option(help="unet, fcn or mask-rcnn.")] = None,
    recipe: Annotated[str | None, typer.Option(help="Settings of a model that ships.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Of the model; else the folder's, or my-RECIPE.")
    ] = None,
    test: Annotated[
        Path | None, typer.Option(help="Other data, for the score; else held-out pictures.")
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(
            min=2, help="Cross-validation: so many networks, every picture held out once."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A choice; may repeat."),
    ] = None,
    pictures: Annotated[Path | None, typer.Option(help="Folder of the pictures.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Folder of the labels.")] = None,
    classes: Annotated[
        str, typer.Option(help="Comma list of class names, background first; or camvid-11, ...")
    ] = "",
    terms: Annotated[str, typer.Option(help="What the data is and what it allows.")] = "",
    licence: Annotated[str, typer.Option(help="Licence of the weights.")] = "",
    dry: Annotated[bool, typer.Option("--dry", help="Only look at the data and plan.")] = False,
    threads: options.Threads = None,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Train a network on your own pictures; a run that was stopped goes on.

    It looks at the data, names what is wrong with it, says what it plans and why, trains, scores
    on pictures that were held out, and installs a model that `pixelwise segment --model` knows.
    """
    asking = _asking()
    if threads is not None:
        asking.use_threads(threads)
    order = asking.order_of(
        data,
        output,
        net=net,
        recipe_name=recipe,
        name=name,
        given=options.parse_settings(settings or []),
        legend=_legend(classes),
        places={"test": test, "pictures": pictures, "labels": labels},
        words={"terms": terms, "licence": licence, "command": shlex.join(sys.argv)},
    )
    ready = asking.prepare(asking.order_of_fold(order, folds, 0) if folds else order)
    for fault in ready.faults:
        report(f"{'FAULT' if fault.stops else 'note'}: {fault.name}: {fault.what}")
    report(f"{len(ready.learn)} pictures to learn from, {len(ready.kept)} held out")
    for line in asking.lines_of(ready.made):
        report(line)
    if dry:
        return
    with Steps(order.name) as bar:
        if folds:
            done = asking.cross_validate(order, folds, report, bar.step)
        else:
            done = asking.train(order, ready, report, bar.step)
    emit(f"{done.card.name}: {done.card.metric.text if done.card.metric else ''}")
    emit(f"card {done.place}, report {order.output / 'report.html'}")
    verb = "volume scan.nii.gz -o labels.nii.gz" if done.card.volume else "segment picture.png"
    emit(f"pixelwise {verb} --model {done.card.name}")


def _asking() -> ModuleType:
    """Return the training, which needs an extra.

    Raises:
        MissingExtra: Torch or another of its packages is not installed.
    """
    try:
        from pixelwise.training import asking  # noqa: PLC0415 - torch is an extra
    except ModuleNotFoundError as error:
        raise MissingExtra.of("train", error.name or "torch", "train") from error
    return asking


def _legend(text: str) -> Legend | None:
    if not text:
        return None
    if "," not in text:
        return Legend.official(text)
    return Legend.of([name.strip() for name in text.split(",")])
