"""Every public name is documented: its arguments, its errors, and an example that runs."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import pixelwise as pw

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/pixelwise"
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


def functions_of(path):
    """Yield each public function and method of a file with the class that it is of."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node, None
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for part in node.body:
                told = part.name if isinstance(part, ast.FunctionDef) else "_"
                if not told.startswith("_") or told == "__post_init__":
                    yield part, node


def raised_in(function):
    """Return the names of our errors that a function itself raises."""
    raised = [node.exc for node in ast.walk(function) if isinstance(node, ast.Raise)]
    names = (re.match(r"\w*", ast.unparse(thing)).group() for thing in raised if thing)
    return {name for name in names if name in pw.errors.__all__}


MODULES = [path for path in sorted(SOURCE.rglob("*.py")) if path.parent.name != "cli"]
"""Commands are left out: their docstrings are what --help prints."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_function_when_it_raises_then_its_docstring_says_so(path):
    for function, owner in functions_of(path):
        text = " ".join(ast.get_docstring(node) or "" for node in (function, owner) if node)
        for name in raised_in(function):
            lineage = getattr(pw.errors, name).__mro__
            family = {
                kind.__name__ for kind in lineage if issubclass(kind, pw.errors.PixelwiseError)
            }
            assert family & set(re.findall(r"\w+", text)), f"{function.name} raises {name}"


@pytest.mark.parametrize("name", NAMES)
def test_public_name_when_it_speaks_of_arrays_then_shape_or_dtype_is_told(name):
    thing = getattr(pw, name)
    members = [thing]
    if inspect.isclass(thing):
        members += [part for name, part in inspect.getmembers(thing) if name[0] != "_"]
    for part in members:
        function = getattr(part, "fget", part)
        notes = " ".join(map(str, getattr(function, "__annotations__", {}).values()))
        if "ndarray" in notes:
            text = f"{inspect.getdoc(part)} {inspect.getdoc(thing)}"
            assert re.search(r"\([A-Z][^)]*\)|\b(u?int|float)\d+|\bbool\b", text), part
