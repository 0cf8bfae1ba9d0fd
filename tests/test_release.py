"""What is released: the wheel's contents, the locks' floors."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {
    "pillow": (12, 3),
    "opencv-contrib-python-headless": (4, 12),
}
"""Least versions without known holes, for the packages that open what strangers send."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_wheel_when_built_then_data_and_marker_are_in_it(wheel):
    names = set(wheel.namelist())
    for name in (
        "py.typed",
        "__init__.pyi",
        "core/legends.toml",
        "cards/cards.toml",
        "apps/compare/guide.toml",
        "apps/compare/page.html",
    ):
        assert f"pixelwise/{name}" in names


def test_wheel_when_built_then_no_foreign_weights_and_small(wheel):
    assert not [name for name in wheel.namelist() if name.endswith((".tflite", ".pth", ".pt"))]
    assert sum(entry.compress_size for entry in wheel.infolist()) < 15_000_000


def test_wheel_when_built_then_command_and_licence_stand_in_it(wheel):
    texts = {Path(name).name: wheel.read(name).decode() for name in wheel.namelist()
             if ".dist-info/" in name and not name.endswith("RECORD")}  # fmt: skip
    assert "pixelwise = pixelwise.cli:main" in texts["entry_points.txt"]
    assert "Apache License" in texts["LICENSE"]
    assert "License-Expression: Apache-2.0" in texts["METADATA"]


@pytest.mark.parametrize("name", FLOORS)
def test_lock_when_read_then_above_the_floor(name):
    lock = (ROOT / "requirements/run.txt").read_text()
    major, minor = re.search(rf"^{name}==(\d+)\.(\d+)", lock, re.MULTILINE).groups()
    assert (int(major), int(minor)) >= FLOORS[name]


@pytest.mark.parametrize("name", ["run", "dev", "train", "rivals"])
def test_lock_when_read_then_every_package_has_a_hash_and_no_host(name):
    lock = (ROOT / f"requirements/{name}.txt").read_text()
    pins = re.findall(r"^\S+==\S+.*$", lock, re.MULTILINE)

    assert len(pins) > 20
    assert all(pin.endswith("\\") for pin in pins)
    assert not re.search(r"^--", lock, re.MULTILINE)
    assert "://" not in lock


def test_lock_when_compared_then_every_dependency_is_in_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "requirements/run.txt").read_text().lower()
    for line in project["dependencies"]:
        name = re.match(r"[\w-]+", line).group().lower()
        assert name == "pip" or f"\n{name}==" in f"\n{lock}"
