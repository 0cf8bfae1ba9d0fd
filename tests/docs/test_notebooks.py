"""The gallery's scripts as notebooks."""

import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs"))
import hooks  # noqa: E402 - the builder of the documentation


@pytest.mark.parametrize("script", hooks.SCRIPTS, ids=lambda script: script.stem)
def test_notebook_when_made_then_valid_and_it_names_its_kernel(script):
    notebook = hooks.read_notebook(script)
    nbformat.validate(notebook)
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    assert "pip install pixelwise" in notebook.cells[0].source


def test_notebook_when_run_in_jupyter_then_the_result_shows_itself(tmp_path):
    pytest.importorskip("ipykernel", reason="needs the kernel that runs notebooks")
    notebook = hooks.read_notebook(ROOT / "gallery" / "touching_coins.py")
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    last = notebook.cells[-1].outputs[-1]
    assert "image/png" in last["data"]
