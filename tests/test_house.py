"""The house rules that no other tool checks."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import pixelwise

ROOT = Path(pixelwise.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MOST_LINES = 300
MOST_BODY = 40
FORBIDDEN = {"utils", "helpers", "common", "misc", "manager", "base", "handler", "processor"}

EXCEPTIONS: dict[str, str] = {
    "core/results.py": "the five results are one family and read side by side",
}
"""Files that may be longer, each with its reason; at most five."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_when_read_then_small_enough_to_see_whole(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    if str(path.relative_to(ROOT)) not in EXCEPTIONS:
        assert len(lines) <= MOST_LINES
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and node.body[1:] else node.body[0]
            body = (node.end_lineno or 0) - first.lineno + 1
            assert body <= MOST_BODY, f"{node.name} has {body} lines"


def test_exceptions_when_counted_then_few():
    assert len(EXCEPTIONS) <= 5


def test_files_when_named_then_by_the_noun_they_hold():
    assert not {path.stem for path in FILES} & FORBIDDEN


def test_face_when_exported_then_exactly_what_exists():
    for name in pixelwise.__all__:
        assert getattr(pixelwise, name) is not None
    stub = (ROOT / "__init__.pyi").read_text(encoding="utf-8")
    exported = {line.rsplit(" as ", 1)[1] for line in stub.splitlines() if " as " in line}
    assert exported == set(pixelwise.__all__)


def test_face_when_exported_then_no_name_equals_a_submodule():
    modules = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert set(pixelwise.__all__) & modules == {"errors"}  # the one that is the module itself


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_when_it_has_all_then_it_is_sorted_and_true(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            names = [getattr(item, "value", None) for item in getattr(node.value, "elts", [])]
            if all(isinstance(name, str) for name in names):
                module = _module(path)
                assert all(hasattr(module, name) for name in names)


def _module(path):
    dotted = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    dotted = dotted.removesuffix(".__init__")
    if not hasattr(sys.modules.get(dotted), "__all__"):  # the doctest run leaves half-imported ones
        sys.modules.pop(dotted, None)
    try:
        return import_module(dotted)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("pixelwise"):
            raise
        pytest.skip(f"{path.name} needs {error.name}, which an extra brings")


def test_import_when_fresh_then_fast_and_light():
    code = (
        "import sys, time; start = time.process_time(); import pixelwise;"
        "print(time.process_time() - start);"
        "heavy = ('cv2', 'numpy', 'onnxruntime', 'ai_edge_litert', 'PIL');"
        "print([name for name in heavy if name in sys.modules])"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    assert min(float(run.stdout.split()[0]) for run in runs) < 0.2
    assert runs[0].stdout.splitlines()[1] == "[]"


def test_wall_clock_when_timing_out_then_never_used():
    """Time-outs and rates use the monotonic clock: a clock that jumps must not matter."""
    for path in FILES:
        assert "time.time()" not in path.read_text(encoding="utf-8"), path
