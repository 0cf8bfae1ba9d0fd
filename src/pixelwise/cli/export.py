"""pixelwise export: a torch network as files that run without torch, proved equal on pictures."""

from pathlib import Path
from typing import Annotated

import typer

from pixelwise.cli import options
from pixelwise.cli.exits import emit, report
from pixelwise.errors import MissingExtra, ModelError

__all__ = ["export"]


def export(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A training's folder, a folder of save_pretrained, or a model's name.",
        ),
    ],
    pictures: Annotated[
        Path, typer.Option("--pictures", help="Folder of sample pictures to prove it on.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the files.")],
    to: Annotated[str, typer.Option(help="Comma list of onnx, int8, openvino, litert.")] = "onnx",
    samples: Annotated[int, typer.Option(min=1, help="Pictures that are compared, at most.")] = 16,
    keep: Annotated[
        bool, typer.Option("--keep-unequal", help="Warn of a form that is not equal, and keep it.")
    ] = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Export a network, run both on sample pictures, and refuse what does not answer alike.

    proof.json beside the files says how they compare; each ONNX file has a card beside it, so
    that with the folder in PIXELWISE_CARDS it is a model by its name.
    """
    try:
        from pixelwise.training import handing_over  # noqa: PLC0415 - torch is an extra
    except ModuleNotFoundError as error:
        raise MissingExtra.of("export", error.name or "torch", "train") from error
    forms = [name.strip() for name in to.split(",") if name.strip()]
    made = handing_over.export_model(model, forms, pictures, output, samples)
    unequal = []
    for name, one in made.items():
        emit(f"{one.path}: {one.proof.line}")
        if not one.proof.holds:
            unequal.append(name)
            if not keep:
                handing_over.withdraw(name, one)
    if unequal and not keep:
        raise ModelError(
            f"{', '.join(unequal)}: not equal to the network, so removed; more sample pictures "
            "may help int8, or keep it with --keep-unequal"
        )
    for name in unequal:
        report(f"warning: {name} is not equal to the network")
