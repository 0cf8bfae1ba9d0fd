"""pixelwise volume: every method with three axes, prompts, shapes and planes, as a user asks."""

import json

import numpy as np
import pytest

from pixelwise.cli import COMMANDS
from pixelwise.cli.root import run
from pixelwise.core import Image, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, InvalidSetting, UnknownName, UsageError
from pixelwise.io.files import read, write

pytest.importorskip("nibabel", reason="nibabel comes with the extra medical")

ROWS = np.array([[-1, 0, 0, 40], [0, 1, 0, -20], [0, 0, 2, 5], [0, 0, 0, 1]], float)
AFFINE = tuple(map(tuple, ROWS.tolist()))
SPACE = Space((2.0, 1.0, 1.0), Unit.MILLIMETRE, AFFINE)
MIDDLE = ("--point", "20,15,6:1", "--point", "2,2,1:2")


def ball():
    """A ball of radius 8 mm around voxel (i, j, k) = (20, 15, 6)."""
    k, j, i = np.meshgrid(np.arange(13), np.arange(30), np.arange(40), indexing="ij")
    return (i - 20) ** 2 + (j - 15) ** 2 + (2 * (k - 6)) ** 2 <= 64


def scan():
    noise = np.random.default_rng(3).normal(0, 12, ball().shape)
    return Image.volume((np.where(ball(), 300, 40) + noise).astype(np.int16), SPACE)


@pytest.fixture
def asked(tmp_path, capsys):
    """Run the command on the ball and return labels and the JSON record."""
    write(tmp_path / "in.nii.gz", scan())

    def ask(*more):
        target = tmp_path / "out.nii.gz"
        words = ["volume", tmp_path / "in.nii.gz", "-o", target, "--json", *more]
        assert run(COMMANDS, [*map(str, words)]) == 0
        made = read(target)
        assert made.space == SPACE
        return made.pixels[..., 0], json.loads(capsys.readouterr().out)

    return ask


def dice(found, truth):
    return 2 * (found & truth).sum() / (found.sum() + truth.sum())


FOREGROUND = {
    "threshold": ("--set", "level=170"),
    "otsu": (),
    "li": (),
    "yen": (),
    "triangle": (),
    "isodata": (),
    "hysteresis": ("--set", "low=120", "--set", "high=250"),
    "region-growing": ("--point", "20,15,6", "--set", "tolerance=60"),
    "chan-vese": (),
}


@pytest.mark.parametrize("name", FOREGROUND)
def test_method_when_it_has_three_axes_then_the_ball_is_found(name, asked):
    labels, record = asked("--method", name, *FOREGROUND[name])
    assert record["made"] == name
    assert dice(labels > 0, ball()) > 0.9
    assert record["labels"]["foreground"]["voxels"] == (labels > 0).sum()


def test_growing_when_confidence_connected_then_the_ball_is_found(asked):
    labels, _ = asked("--method", "region-growing", "--set", "deviations=3", *MIDDLE[:2])
    assert dice(labels > 0, ball()) > 0.9


REGIONS = {
    "multi-otsu": ("--set", "classes=2"),
    "watershed": MIDDLE,
    "random-walker": MIDDLE,
    "k-means": ("--set", "clusters=2", "--set", "smoothing=1"),
    "gaussian-mixture": ("--set", "components=2", "--set", "smoothing=0"),
    "split-and-merge": ("--set", "tolerance=30", "--set", "smoothing=0.5"),
    "rag-merge": (),
}


@pytest.mark.parametrize("name", REGIONS)
def test_method_when_it_parts_a_volume_then_one_part_is_the_ball(name, asked):
    labels, record = asked("--method", name, *REGIONS[name])
    assert record["made"] == name
    assert max(dice(labels == number, ball()) for number in np.unique(labels)) > 0.85


def test_point_when_in_the_world_then_the_same_voxel(asked):
    method = ("--method", "region-growing", "--set", "tolerance=60")
    voxels, _ = asked(*method, "--point", "20,15,6")
    world, _ = asked(*method, "--point", "20,-5,17", "--world")
    assert voxels.sum() > 500
    np.testing.assert_array_equal(voxels, world)


def test_shape_when_given_then_parts_by_physical_size(asked):
    rough, _ = asked("--method", "threshold", "--set", "level=60")
    shape = "open=1,close=1,fill,drop=0.5,parts"
    labels, record = asked("--method", "threshold", "--set", "level=60", "--shape", shape)
    assert rough.sum() > 1.5 * ball().sum()
    assert np.unique(labels).tolist() == [0, 1]
    assert dice(labels == 1, ball()) > 0.95
    assert f"shaped: {shape}" in record["notes"]


def test_labels_when_shaped_then_each_keeps_its_largest_part(asked, tmp_path):
    drawn = ball().astype(np.uint8) * 3
    drawn[0, 0, 0] = 3
    write(tmp_path / "drawn.nii.gz", Image.volume(drawn, SPACE))
    labels, record = asked("--labels", tmp_path / "drawn.nii.gz", "--shape", "largest=1")
    np.testing.assert_array_equal(labels == 3, ball())
    assert record["labels"]["region 3"]["ml"] == pytest.approx(ball().sum() * 0.002, abs=1e-12)


@pytest.mark.models
def test_model_for_pictures_when_planes_vote_then_a_mask_of_the_volume(asked, model_dir):
    if not (model_dir / "selfie_segmentation.tflite").is_file():
        pytest.skip("the model file is not there")
    planes = "axial,coronal,sagittal"
    labels, record = asked("--model", "selfie", "--planes", planes, "--offline")
    assert labels.shape == ball().shape
    assert record["made"] == "selfie"
    assert "slice by slice, across 3 axes, which vote" in record["notes"]
    _, record = asked("--model", "selfie", "--set", "tiles=16", "--offline")
    assert "slice by slice" in record["notes"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--preset", "ct-bones"), UnknownName),
        (("--method", "otsu", "--preset", "ct-bone"), UsageError),
        (("--method", "otsu", "--shape", "clos=3"), UnknownName),
        (("--method", "otsu", "--shape", "close"), InvalidSetting),
        (("--model", "selfie", "--planes", "oblique"), UsageError),
        (("--method", "otsu", "--save", "movie"), UsageError),
        (("--preset", "ct-bone", "--blockwise", "--point", "1,1,1"), UsageError),
        (("--method", "region-growing", "--point", "90,15,6"), InputError),
    ],
)
def test_command_when_it_makes_no_sense_then_refused_in_one_line(words, error, tmp_path):
    write(tmp_path / "in.nii", scan())
    command = ["volume", str(tmp_path / "in.nii"), "-o", str(tmp_path / "out"), *words]
    with pytest.raises(error) as refused:
        run(COMMANDS, command)
    assert "\n" not in str(refused.value)


def test_preset_when_there_are_no_millimetres_then_refused(tmp_path):
    """Bad input 65: work in millimetres is an error, work on voxels goes on."""
    write(tmp_path / "in.nii", scan())
    data = bytearray((tmp_path / "in.nii").read_bytes())
    data[280:296] = bytes(16)  # the first row of the matrix
    (tmp_path / "in.nii").write_bytes(data)
    command = ["volume", str(tmp_path / "in.nii"), "-o", str(tmp_path / "out.nii")]
    for words in (("--preset", "mr-brain"), ("--method", "otsu", "--shape", "close=2")):
        with pytest.raises(InputError, match="millimetres"):
            run(COMMANDS, [*command, *words])
    assert run(COMMANDS, [*command, "--method", "otsu"]) == 0
