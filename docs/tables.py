"""Reference pages that are made from the program's own tables, so that they cannot be wrong."""

import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pixelwise as pw
from pixelwise.cli import COMMANDS
from pixelwise.evaluation import METRICS

ROOT = Path(__file__).resolve().parents[1]


def pages() -> dict[str, str]:
    """Return path -> Markdown of each generated page."""
    return {
        "reference/methods.md": _methods(),
        "reference/models.md": _models(),
        "reference/metrics.md": _metrics(),
        "reference/command_line.md": _commands(),
        "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        "contributing.md": (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
    }


def _methods() -> str:
    text = files("pixelwise.apps.compare").joinpath("guide.toml").read_text(encoding="utf-8")
    guide = tomllib.loads(text)
    lines = ["# Methods", "", "Every classical method: `pw.find(name, **settings)`, `pixelwise segment --method NAME --set key=value`.", ""]
    family = ""
    for row in pw.list_methods():
        if row.family != family:
            family = row.family
            lines += [f"## {guide['families'][family]['title']}", ""]
        says = guide.get(row.name, {})
        lines += [f"### {row.name}", "", row.summary, "", says.get("how", ""), ""]
        if says.get("fails"):
            lines += [f"**It fails** {says['fails'][0].lower()}{says['fails'][1:]}", ""]
        volumes = ", takes volumes" if row.takes_volumes else ""
        lines += [f"Gives `{row.task}`{volumes}.", "", "| setting | default | range | meaning |", "|---|---|---|---|"]
        lines += [f"| `{item.name}` | {item.default or '–'} | {item.range or '–'} | {item.doc} |" for item in row.settings]
        lines.append("")
    return "\n".join(lines)


def _models() -> str:
    lines = ["# Models", "", "Every network that has a card. `commercial` says whether the weights may be used commercially, as far as known; `--commercial` refuses all but yes.", ""]
    lines += ["| name | task | runtime | commercial | licence of the weights | what it is |", "|---|---|---|---|---|---|"]
    for row in sorted(pw.list_models(), key=lambda row: (row.task, row.name)):
        lines.append(f"| `{row.name}` | {row.task} | {row.runtime} | {row.commercial} | {row.licence} | {row.about} |")
    return "\n".join([*lines, ""])


def _metrics() -> str:
    lines = ["# Metrics", "", "`pixelwise evaluate TRUTH PREDICTION --metrics a,b` and `pw.evaluate(truth, result)`.", ""]
    lines += ["| metric | better | unit | what is counted |", "|---|---|---|---|"]
    for name, metric in METRICS.items():
        lines.append(f"| `{name}` | {metric.better.value} | {metric.unit or '–'} | {metric.rule} |")
    return "\n".join([*lines, ""])


def _commands() -> str:
    lines = ["# Command line", "", "Exit codes: 0 done, 1 internal, 2 usage, 3 some inputs failed, 4 all failed, 5 a limit, 6 a model, 7 output, 130 interrupted. `--json` prints one JSON object a line on stdout and nothing else there.", ""]
    for name, (_, line) in COMMANDS.items():
        asked = subprocess.run(
            [sys.executable, "-m", "pixelwise", name, "--help"], capture_output=True, text=True, check=True
        )
        lines += [f"## pixelwise {name}", "", line, "", "```text", asked.stdout.strip(), "```", ""]
    return "\n".join(lines)
