"""Every public name is documented: its arguments, its errors, and an example that runs."""

import inspect
import re
from pathlib import Path

import pytest

import pixelwise as pw

ROOT = Path(__file__).resolve().parents[2]
NAMES = [name for name in pw.__all__ if name != "errors"]
SELF_EVIDENT = {"self", "cls"}


@pytest.mark.parametrize("name", NAMES)
def test_public_name_when_read_then_every_argument_is_told(name):
    thing = getattr(pw, name)
    text = inspect.getdoc(thing) or ""
    taken = set(inspect.signature(thing).parameters) - SELF_EVIDENT
    if inspect.isclass(thing) and issubclass(thing, str):
        taken = set()  # an enumeration: its members are its documentation
    told = set(re.findall(r"^\s*\*{0,2}(\w+)(?: \(.*\))?:", text, re.MULTILINE))
    assert taken - told - {"space", "provenance", "values", "kwargs", "args"} == set()


@pytest.mark.parametrize("name", NAMES)
def test_public_name_when_read_then_it_has_an_example(name):
    thing = getattr(pw, name)
    texts = [inspect.getdoc(thing) or ""]
    if inspect.isclass(thing):
        texts += [inspect.getdoc(member) or "" for _, member in inspect.getmembers(thing)]
    assert any(">>>" in text for text in texts)


def test_reference_page_when_read_then_names_every_public_name():
    page = (ROOT / "docs/reference/python.md").read_text(encoding="utf-8")
    told = {line.rpartition(".")[2] for line in page.splitlines() if line.startswith(":::")}
    assert set(pw.__all__) <= told


def test_errors_when_read_then_each_says_when():
    for name in pw.errors.__all__:
        assert len(inspect.getdoc(getattr(pw.errors, name)) or "") > 30
