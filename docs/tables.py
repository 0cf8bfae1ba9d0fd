"""Reference pages that are made from the program's own tables, so that they cannot be wrong."""

import tomllib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import pixelwise as pw
from pixelwise.apps.medical.presets import PRESETS
from pixelwise.cli import COMMANDS
from pixelwise.cli.root import help_of
from pixelwise.evaluation import METRICS
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.losses import Capacity, Identity

ROOT = Path(__file__).resolve().parents[1]

EXITS = """Exit codes: 0 done, 1 internal, 2 usage, 3 some inputs failed, 4 all failed, 5 a limit,
6 a model, 7 output, 130 interrupted. `--json` prints one JSON object a line on stdout and nothing
else there. `pixelwise completion bash` (or `zsh`, `fish`) prints what your shell completes with."""

CARDS = """Every network that has a card. `commercial` says whether the weights may be used that
way, as far as is known; `--commercial` refuses all but yes."""

FORMATS = """What `pixelwise convert IN OUT --to NAME` and `pixelwise evaluate` read and write. What
a format cannot hold is named object by object in the loss report."""

_APART = {
    Identity.ALL: "all objects",
    Identity.THINGS: "things; stuff and groups are one a class",
    Identity.NONE: "no objects",
}


def pages() -> dict[str, str]:
    """Return path -> Markdown of each page that is made."""
    made = {
        "reference/methods.md": _methods(),
        "reference/models.md": _models(),
        "reference/metrics.md": _metrics(),
        "reference/formats.md": _formats(),
        "reference/command_line.md": _commands(),
    }
    return {path: "\n\n".join(parts) + "\n" for path, parts in made.items()}


def _methods() -> list[str]:
    text = files("pixelwise.apps.compare").joinpath("guide.toml").read_text(encoding="utf-8")
    guide, family = tomllib.loads(text), ""
    parts = [
        "# Methods",
        "`pw.find(name, **settings)`, `pixelwise segment --method NAME --set key=value`.",
    ]
    for row in pw.list_methods():
        if row.family != family:
            family = row.family
            parts.append(f"## {guide['families'][family]['title']}")
        says = guide[row.name]
        fails = says["fails"]
        settings = [(f"`{s.name}`", s.default, s.range, s.doc) for s in row.settings]
        parts += [
            f"### {row.name}",
            row.summary,
            says["how"],
            f"**It fails** {fails[0].lower()}{fails[1:]}",
            f"Gives `{row.task}`{', takes volumes' if row.takes_volumes else ''}.",
            _table(("setting", "default", "range", "meaning"), settings),
        ]
    presets = [(f"`{name}`", row.about, row.source) for name, row in PRESETS.items()]
    return [*parts, "## Presets of volumes", _table(("preset", "what", "source"), presets)]


def _models() -> list[str]:
    heads = ("name", "task", "runtime", "commercial", "licence of the weights", "what it is")
    rows = sorted(pw.list_models(), key=lambda row: (row.task, row.name))
    return [
        "# Models",
        CARDS,
        _table(
            heads,
            ((f"`{r.name}`", r.task, r.runtime, r.commercial, r.licence, r.about) for r in rows),
        ),
    ]


def _metrics() -> list[str]:
    rows = [(f"`{name}`", m.better.value, m.unit, m.rule) for name, m in METRICS.items()]
    return [
        "# Metrics",
        "`pixelwise evaluate TRUTH PREDICTION --metrics a,b`, `pw.evaluate(truth, result, [...])`.",
        _table(("metric", "better", "unit", "what is counted"), rows),
    ]


def _formats() -> list[str]:
    heads = ("`--to`", "format", "files", "tells apart", "holds")
    rows = []
    for name, row in ANNOTATIONS.items():
        held = [what for what, has in _held(row.capacity).items() if has]
        apart = _APART[row.capacity.identity]
        rows.append((f"`{name}`", row.title, f"`{row.layout}`", apart, ", ".join(held)))
    return ["# Annotation formats", FORMATS, _table(heads, rows)]


def _held(capacity: Capacity) -> dict[str, bool]:
    return {
        "classes": capacity.classes,
        "overlaps": capacity.overlaps,
        "outlines with fractions of a pixel": capacity.outlines,
        "groups (crowd)": capacity.crowd,
        "track ids": capacity.track,
        "scores": capacity.score,
        "unknown pixels": capacity.void,
        "boxes in place of masks": capacity.boxes,
        "one ring an object: holes and pieces are joined by bridges of no width": capacity.bridges,
    }


def _commands() -> list[str]:
    parts = ["# Command line", EXITS]
    for name, (place, line) in COMMANDS.items():
        parts += [f"## pixelwise {name}", line, f"```text\n{help_of(name, place)}\n```"]
    return parts


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', '&#124;') or '-' for cell in line)} |" for line in lines
    )
