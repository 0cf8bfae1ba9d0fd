import json
import resource
import tomllib
from pathlib import Path

import pytest

from pixelwise.cards import Card, load_cards
from pixelwise.cli import COMMANDS
from pixelwise.cli.doctor import EXTRAS

ROOT = Path(__file__).resolve().parents[2]


def _processor_seconds():
    """Processor time of ended children: what else runs on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_when_asked_then_lists_every_command_fast(pixelwise):
    spent = []
    for _ in range(3):
        start = _processor_seconds()
        done = pixelwise("--help")
        spent.append(_processor_seconds() - start)

    assert done.code == 0
    assert all(name in done.out.decode() for name in COMMANDS)
    assert min(spent) < 0.4


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_when_asked_then_its_options(pixelwise, name):
    done = pixelwise(name, "-h")

    assert done.code == 0, done.err
    assert b"-h, --help" in done.out


@pytest.mark.parametrize("asked", [(), ("models",), ("help",), ("help", "models")])
def test_pixelwise_when_nothing_is_named_then_help_on_stdout(pixelwise, asked):
    done = pixelwise(*asked)
    assert done.code == 0
    assert b"Usage: pixelwise " in done.out
    assert done.err == ""


def test_pixelwise_when_unknown_command_then_2_and_the_nearest(pixelwise):
    done = pixelwise("segmant")
    assert done.code == 2
    assert "segment" in done.err


def test_version_when_asked_then_printed(pixelwise):
    assert pixelwise("--version").out.startswith(b"pixelwise ")


@pytest.mark.parametrize("command", [("doctor",), ("models", "list")])
def test_tables_when_an_extra_is_missing_then_its_pip_line_is_whole(pixelwise, command):
    shown = pixelwise(*command).out.decode()
    assert "pixelwise" in shown
    assert "'pixelwise'" not in shown  # [extra] looks like a style to the printer of tables


def test_doctor_when_asked_then_it_knows_every_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(EXTRAS) == set(project["optional-dependencies"])


def test_doctor_when_json_then_one_object_with_every_task(pixelwise):
    (report,) = pixelwise("doctor", "--json").lines
    assert set(report["tasks"]) == {"foreground", "semantic", "instance", "panoptic", "regions"}
    assert report["runtimes"]["litert"] == "ready"


def test_methods_when_json_then_a_row_each(pixelwise):
    names = [row["name"] for row in pixelwise("methods", "--json").lines]
    assert {"otsu", "threshold"} <= set(names)


def test_methods_when_named_then_its_settings(pixelwise):
    done = pixelwise("methods", "otsu")
    assert b"bins" in done.out
    assert pixelwise("methods", "otsoo").code == 2


def test_models_list_when_json_then_a_row_each_with_licence(pixelwise):
    rows = pixelwise("models", "list", "--json").lines
    selfie = next(row for row in rows if row["name"] == "selfie")
    assert selfie["commercial"] == "yes"
    assert selfie["size"] > 0


def test_models_show_when_named_then_hash(pixelwise):
    done = pixelwise("models", "show", "selfie", env={"COLUMNS": "200"})
    assert b"8d13b7fae74af625" in done.out
    assert pixelwise("models", "show", "selfi").code == 2


def test_models_show_when_toml_then_a_card_file_that_is_read_back(pixelwise):
    done = pixelwise("models", "show", "yolov8n-seg-320", "--toml")
    table = tomllib.loads(done.out.decode())["yolov8n-seg-320"]

    assert Card.read("yolov8n-seg-320", table) == load_cards()["yolov8n-seg-320"]


def test_models_verify_when_a_copy_is_damaged_then_6(pixelwise, tmp_path, model_dir):
    good = (model_dir / "selfie_segmentation.tflite").read_bytes()
    (tmp_path / "selfie_segmentation.tflite").write_bytes(good[:-1])
    env = {"PIXELWISE_MODEL_PATH": str(tmp_path), "PIXELWISE_CACHE": str(tmp_path / "cache")}
    done = pixelwise("models", "verify", "selfie", env=env)

    assert done.code == 6, done.err
    (tmp_path / "selfie_segmentation.tflite").write_bytes(good)
    assert pixelwise("models", "verify", "selfie", env=env).code == 0


def test_models_where_when_asked_then_folders_in_order(pixelwise, tmp_path):
    env = {"PIXELWISE_MODEL_PATH": "/first", "PIXELWISE_CACHE": str(tmp_path)}
    lines = pixelwise("models", "where", env=env).out.decode().splitlines()
    assert lines.index("/first") < lines.index(str(tmp_path))


def test_json_when_printed_then_nothing_else_on_stdout(pixelwise):
    for line in pixelwise("models", "list", "--json").out.decode().splitlines():
        json.loads(line)
