"""Programs of others: a real MONAI bundle with a real network; the seam of TotalSegmentator."""

import json
import sys

import numpy as np
import pytest

from pixelwise.apps.medical.programs import MonaiBundle, TotalSegmentator, is_bundle
from pixelwise.core import Image, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, MissingExtra, ModelError
from pixelwise.io.files import read, write

pytest.importorskip("nibabel", reason="nibabel comes with the extra medical")

METADATA = {
    "version": "0.1.0",
    "network_data_format": {
        "outputs": {"pred": {"channel_def": {"0": "background", "1": "bright tissue"}}}
    },
}
WORKFLOW = {
    "imports": ["$import torch"],
    "bundle_root": ".",
    "dataset_dir": ".",
    "output_dir": "eval",
    "datalist": "$[]",
    "device": "$torch.device('cpu')",
    "network_def": {
        "_target_": "torch.nn.Conv3d",
        "in_channels": 1,
        "out_channels": 2,
        "kernel_size": 1,
    },
    "network": "$@network_def.to(@device)",
    "preprocessing": {
        "_target_": "Compose",
        "transforms": [
            {"_target_": "LoadImaged", "keys": "image", "ensure_channel_first": True},
            {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
        ],
    },
    "dataset": {
        "_target_": "Dataset",
        "data": "$[{'image': path} for path in @datalist]",
        "transform": "@preprocessing",
    },
    "dataloader": {"_target_": "DataLoader", "dataset": "@dataset", "batch_size": 1},
    "postprocessing": {
        "_target_": "Compose",
        "transforms": [
            {
                "_target_": "Invertd",
                "keys": "pred",
                "transform": "@preprocessing",
                "orig_keys": "image",
                "nearest_interp": False,
            },
            {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
            {"_target_": "SaveImaged", "keys": "pred", "output_dir": "@output_dir"},
        ],
    },
    "checkpoint": {
        "_target_": "CheckpointLoader",
        "load_path": "$@bundle_root + '/models/model.pt'",
        "load_dict": {"model": "@network"},
    },
    "evaluator": {
        "_target_": "SupervisedEvaluator",
        "device": "@device",
        "val_data_loader": "@dataloader",
        "network": "@network",
        "inferer": {"_target_": "SimpleInferer"},
        "postprocessing": "@postprocessing",
        "val_handlers": ["@checkpoint"],
    },
    "run": ["$@evaluator.run()"],
}


def volume():
    """Return a volume of no usual orientation, half of it bright."""
    values = np.zeros((5, 6, 7), np.float32)
    values[1:3, 2:5, 3:6] = 100
    affine = np.array([[0, 0, 3.0, 1], [-1.5, 0, 0, 2], [0, 2.0, 0, 3], [0, 0, 0, 1]])
    steps = (3.0, 2.0, 1.5)
    return Image.volume(values, Space(steps, Unit.MILLIMETRE, tuple(map(tuple, affine.tolist()))))


@pytest.fixture
def bundle(tmp_path):
    """A bundle of one layer: bright where the value is above 50."""
    torch = pytest.importorskip("torch", reason="torch comes with an extra")
    pytest.importorskip("monai", reason="monai comes with an extra")
    folder = tmp_path / "bright"
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    (folder / "configs/metadata.json").write_text(json.dumps(METADATA))
    (folder / "configs/inference.json").write_text(json.dumps(WORKFLOW))
    weights = {
        "weight": torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1, 1),
        "bias": torch.tensor([0.0, -50.0]),
    }
    torch.save(weights, folder / "models/model.pt")
    return folder


def test_bundle_when_run_then_labels_lie_in_the_volume_s_own_grid(bundle):
    image = volume()
    result = MonaiBundle(folder=bundle)(image)

    np.testing.assert_array_equal(result.labels, image.pixels[..., 0] > 50)
    assert result.space == image.space
    assert result.legend.name(1) == "bright tissue"
    assert "bright ran as a program" in result.provenance.notes[-1]


def test_command_when_the_model_is_a_bundle_then_measured(bundle, tmp_path, capsys):
    from pixelwise.cli import COMMANDS
    from pixelwise.cli.root import run

    write(tmp_path / "in.nii", volume())
    command = ["volume", tmp_path / "in.nii", "-o", tmp_path / "out.nii", "--model", bundle]
    assert run(COMMANDS, [*map(str, command)]) == 0
    assert "bright tissue: 0.162 mL, 18 voxels" in capsys.readouterr().out
    assert read(tmp_path / "out.nii").pixels.sum() == 18


def test_bundle_when_its_workflow_fails_then_its_own_words(bundle):
    (bundle / "models/model.pt").unlink()
    with pytest.raises(ModelError, match=r"monai-bundle failed.*model\.pt"):
        MonaiBundle(folder=bundle)(volume())


@pytest.mark.parametrize("metadata", ["{", "{}", '{"network_data_format": {"outputs": {}}}'])
def test_names_when_the_metadata_does_not_say_then_model_error(metadata, tmp_path):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/metadata.json").write_text(metadata)
    assert is_bundle(tmp_path)
    with pytest.raises(ModelError, match="does not name"):
        MonaiBundle(folder=tmp_path).names()


def test_program_when_not_installed_then_the_pip_line_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "monai", None)
    monkeypatch.setattr("pixelwise.apps.medical.programs.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'pixelwise\[totalsegmentator\]'"):
        TotalSegmentator()(volume())
    with pytest.raises(MissingExtra, match=r"pip install 'pixelwise\[monai\]'"):
        MonaiBundle(folder=tmp_path)(volume())


def test_program_when_a_picture_then_refused():
    with pytest.raises(InputError, match="volumes"):
        TotalSegmentator()(Image(np.zeros((4, 4), np.uint8)))


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of TotalSegmentator\'s shape: its command line and table, and arithmetic."""
    (tmp_path / "totalsegmentator/bin").mkdir(parents=True)
    for name in ("__init__.py", "bin/__init__.py"):
        (tmp_path / "totalsegmentator" / name).touch()
    (tmp_path / "totalsegmentator/map_to_binary.py").write_text(
        "class_map = {'total': {1: 'spleen', 2: 'liver'}}\n"
    )
    (tmp_path / "totalsegmentator/bin/TotalSegmentator.py").write_text(
        "import argparse, nibabel, numpy\n"
        "def main():\n"
        "    asked = argparse.ArgumentParser()\n"
        "    for name in ('-i', '-o', '--task', '--device'): asked.add_argument(name)\n"
        "    asked.add_argument('--ml', action='store_true')\n"
        "    told = asked.parse_args()\n"
        "    volume = nibabel.load(told.i)\n"
        "    labels = (volume.get_fdata() > 50).astype('uint8') * 2\n"
        "    nibabel.save(nibabel.Nifti1Image(labels, volume.affine), told.o)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    yield
    for name in [name for name in sys.modules if name.startswith("totalsegmentator")]:
        del sys.modules[name]


def test_totalsegmentator_when_installed_then_called_by_its_command_line(package):
    image = volume()
    result = TotalSegmentator()(image)
    np.testing.assert_array_equal(result.labels == 2, image.pixels[..., 0] > 50)
    assert result.legend.name(2) == "liver"
