"""Every gallery script runs, is short, and makes the picture of its name."""

import re
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "gallery"
SCRIPTS = sorted(
    path for path in FOLDER.glob("*.py") if path.stem not in {"demo", "readme_picture"}
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script_when_run_then_its_picture_is_there(script, tmp_path, monkeypatch, model_dir):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(script), run_name="__main__")
    made = [path for path in tmp_path.iterdir() if path.stem == script.stem and path.is_file()]
    assert made, f"{script.name} made {[path.name for path in tmp_path.iterdir()]}"
    assert made[0].stat().st_size > 2000


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script_when_read_then_titled(script):
    assert re.match(r"# %% \[markdown\]\n# # \w", script.read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_script_when_read_then_short(script):
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 40
