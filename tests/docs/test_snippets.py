"""Every snippet of the README and of the documentation runs.

Blocks marked ``python`` run in order, one namespace a page; of blocks marked ``sh`` every line that
begins with ``pixelwise`` runs. Blocks marked ``bash`` are shown only: they need a network, another
machine, or minutes. The page on HTTP needs a server: tests/service/test_docs.py runs it.
"""

import re
import shlex
from pathlib import Path

import pytest

from pixelwise.cli import COMMANDS
from pixelwise.cli.root import run
from tests.docs.samples import make_samples

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.name != "http.md"),
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
KINDS = {"python", "sh", "bash", "powershell", "text", "json", "toml", "yaml", "html"}


def blocks(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    make_samples(folder)
    return folder


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_when_its_snippets_run_then_none_fails(
    page, samples, tmp_path, monkeypatch, model_dir
):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    found = [block for block in blocks(page) if block[0] in {"python", "sh"}]
    if not found:
        pytest.skip("nothing to run on this page")
    for item in samples.iterdir():
        (tmp_path / item.name).symlink_to(item)
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "snippet"}
    for kind, text in found:
        if kind == "python":
            exec(compile(text, name_of(page), "exec"), names)  # noqa: S102 - our own pages
        else:
            for line in commands(text):
                assert run(COMMANDS, line) == 0, line


def commands(text):
    joined = text.replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in joined.splitlines()]
    return [line[1:] for line in lines if line and line[0] == "pixelwise"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_when_read_then_blocks_are_of_known_kinds(page):
    assert {kind for kind, _ in blocks(page)} <= KINDS
