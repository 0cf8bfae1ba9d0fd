"""Every snippet of the README and of the documentation runs, and prints what the page says.

Blocks marked ``python`` run in order, one namespace a page; of blocks marked ``sh`` every line that
begins with ``pixelwise`` runs. What a block marked ``output`` shows is what the block before it
printed (``...`` stands for anything). Blocks marked ``bash`` need a camera, a network, another
machine, or minutes: their commands and options are looked up, not run. The page on HTTP needs a
server: tests/service/test_docs.py runs it.
"""

import doctest
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from pixelwise.cards import Card
from pixelwise.cli import COMMANDS
from pixelwise.cli.root import command_of, run
from tests.docs.samples import make_samples

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "http.md"),
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
KINDS = {"python", "sh", "output", "bash", "powershell", "text", "json", "toml", "yaml", "html"}


CHECKER = doctest.OutputChecker()
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="session")
def samples(tmp_path_factory, data_dir):
    folder = tmp_path_factory.mktemp("samples")
    make_samples(folder, data_dir)
    return folder


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_when_its_snippets_run_then_they_print_what_it_shows(
    page, samples, tmp_path, monkeypatch, model_dir, capsys
):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    found = [block for block in blocks(page) if block[0] in {"python", "sh", "output"}]
    if not found:
        pytest.skip("nothing to run on this page")
    for item in samples.iterdir():
        (tmp_path / item.name).symlink_to(item)
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "snippet"}
    capsys.readouterr()
    for kind, text in found:
        if kind == "output":
            printed = capsys.readouterr().out
            assert CHECKER.check_output(text, printed, LOOSELY), f"{text}\nbut it was\n{printed}"
            continue
        capsys.readouterr()
        if kind == "python":
            exec(compile(text, name_of(page), "exec"), names)  # noqa: S102 - our own pages
        else:
            for line in commands(text):
                assert run(COMMANDS, line) == 0, line


def commands(text):
    """Return the words after ``pixelwise`` of each line that calls it."""
    joined = text.replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in joined.splitlines()]
    return [line[1:] for line in lines if line and line[0] == "pixelwise"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_when_read_then_blocks_are_of_known_kinds(page):
    assert {kind for kind, _ in blocks(page)} <= KINDS


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_when_its_commands_are_only_shown_then_each_option_exists(page):
    for kind, text in blocks(page):
        for name, *rest in commands(text) if kind == "bash" else []:
            shown = command_of(name, COMMANDS[name][0])
            assert shown.make_context(f"pixelwise {name}", rest) is not None


def test_card_of_the_architecture_page_when_read_then_it_is_one():
    tables = [text for kind, text in blocks(ROOT / "docs/architecture.md") if kind == "toml"]
    ((name, table),) = tomllib.loads(tables[0]).items()
    assert Card.read(name, table).legend_object().name(1) == "road"


def test_readme_when_it_tells_figures_then_the_benchmarks_have_them():
    rows = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8").splitlines()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("## Measured")[2].partition("\n## ")[0]
    told = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    assert len(told) > 4
    for what, figure in told[1:]:
        near = [row for row in rows if row.startswith(f"| {what} |")]
        assert any(figure in row for row in near), (what, figure, near)
