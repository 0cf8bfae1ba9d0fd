"""pixelwise manual: the manual page, made from what --help says."""

import typer

from pixelwise import __version__
from pixelwise.cli import options
from pixelwise.cli.root import Row, help_of

__all__ = ["manual", "roff"]

HEAD = """.TH PIXELWISE 1 "" "pixelwise {version}"
.SH NAME
pixelwise \\- every kind of image segmentation behind one call
.SH SYNOPSIS
.B pixelwise
COMMAND [OPTIONS] ...
.SH DESCRIPTION
Thresholding, edges, regions, clusters and networks; foreground, semantic, instance, panoptic and
plain regions; pictures, video, cameras, volumes and maps. Results are written beside their input,
or into the folder given with \\-o."""

EXITS = """.SH EXIT STATUS
0 done, 1 internal error, 2 usage, 3 some inputs failed, 4 all inputs failed, 5 a limit, 6 a model,
7 output, 130 interrupted."""


def manual(
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Print the manual page: pixelwise manual > pixelwise.1 && man ./pixelwise.1."""
    from pixelwise.cli import COMMANDS  # noqa: PLC0415 - the table names this very module

    typer.echo(roff(COMMANDS))


def roff(rows: dict[str, Row]) -> str:
    """Return the manual page of the commands, as troff."""
    parts = [HEAD.format(version=__version__), ".SH COMMANDS"]
    for name, (place, line) in rows.items():
        text = _escaped(help_of(name, place))
        parts.append(f".SS pixelwise {name}\n{_escaped(line)}\n.PP\n.nf\n{text}\n.fi")
    return "\n".join([*parts, EXITS])


def _escaped(text: str) -> str:
    """Return text whose backslashes, dashes and leading dots troff takes as they are."""
    safe = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line for line in safe.splitlines())
