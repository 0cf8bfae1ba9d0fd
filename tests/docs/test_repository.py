"""The pages of the repository: versions, citation, changelog, forms, addresses, colours."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

import pixelwise

ROOT = Path(__file__).resolve().parents[2]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
FIELDS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "src").rglob("*.toml"),
]
ADDRESS = re.compile(r"[a-z]+://[^\s)>\"'`\]|,]+")
OURSELVES = {"127.0.0.1", "localhost"}
LIGHT = (0.2126, 0.7152, 0.0722)
"""Shares of red, green and blue in brightness (WCAG 2)."""


def test_version_when_read_in_three_places_then_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"]
    assert project == citation == pixelwise.__version__


def test_citation_when_read_then_whole():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "license"} <= set(citation)
    assert citation["license"] == "Apache-2.0"


def test_changelog_when_drafted_then_no_line_is_left_out():
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "9.9.9"]
    draft = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    plain = " ".join(draft.split())
    fragments = [path for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md"]
    assert fragments
    for fragment in fragments:
        assert " ".join(fragment.read_text(encoding="utf-8").split()) in plain, fragment.name


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_issue_form_when_read_then_as_the_tracker_wants_it(form):
    read = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert read["name"]
    assert read["description"]
    asked = [field for field in read["body"] if field["type"] != "markdown"]
    assert asked
    assert {field["type"] for field in read["body"]} <= FIELDS
    assert all(field["attributes"]["label"] for field in asked)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_address_when_written_then_well_formed_and_encrypted(page):
    for address in ADDRESS.findall(page.read_text(encoding="utf-8")):
        parts = urlsplit(address)
        if parts.scheme in {"http", "https"} and parts.hostname not in OURSELVES:
            assert parts.scheme == "https", address
            assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc), address


def test_colours_of_the_pages_when_read_then_dark_enough_on_white():
    css = (ROOT / "docs/stylesheets/guide.css").read_text(encoding="utf-8")
    colours = re.findall(r"--md-(?:typeset-a|primary-fg|accent-fg)-color: #(\w{6})", css)
    assert len(colours) >= 3
    for colour in colours:
        levels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        light = sum(share * level**2.2 for share, level in zip(LIGHT, levels, strict=True))
        assert 1.05 / (light + 0.05) >= 4.5, colour
