"""Volumes larger than memory: the same masks and numbers as at once, in bounded memory."""

import os
import subprocess
import sys

import numpy as np
import pytest

from pixelwise.apps.medical.blockwise import mapped, segment_into
from pixelwise.apps.medical.statistics import measure
from pixelwise.core import Image, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, LimitError, UsageError
from pixelwise.io.files import read, write
from pixelwise.methods.threshold.hysteresis import Hysteresis
from pixelwise.methods.threshold.li import Li
from pixelwise.methods.threshold.otsu import Otsu
from pixelwise.methods.threshold.threshold import Threshold
from pixelwise.ops import slabs as slabs_file
from pixelwise.ops.components import components
from pixelwise.ops.sides import Side
from pixelwise.ops.slabs import Joined, slabs

pytest.importorskip("nibabel", reason="nibabel comes with the extra medical")

METHODS = (
    Threshold(level=60),
    Otsu(),
    Li(side=Side.DARKER),
    Hysteresis(low=50, high=90),
    Hysteresis(low=30, high=60, side=Side.DARKER),
    Hysteresis(),
)
DTYPES = (np.uint8, np.int16, np.uint16, np.float32)


@pytest.fixture(autouse=True)
def small_slabs(monkeypatch):
    """Let a slab be one or two slices of the volumes here."""
    monkeypatch.setattr(slabs_file, "MOST", 300)
    monkeypatch.setattr(slabs, "__defaults__", (300,))


def volume(dtype):
    values = np.random.default_rng(3).integers(0, 100, (9, 11, 13)).astype(dtype)
    if dtype is np.uint16:
        values *= 257  # levels of 0..255 are shares of the whole range
    if np.dtype(dtype).kind == "f":
        values[2, 3, 4] = np.nan
    return Image.volume(values, Space((3.0, 2.0, 1.0), Unit.MILLIMETRE))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: f"{method.name}-{method.side}")
@pytest.mark.parametrize("dtype", DTYPES)
def test_segment_when_by_slabs_then_mask_and_numbers_are_those_of_the_whole(
    method, dtype, tmp_path
):
    write(tmp_path / "in.nii", volume(dtype))
    image = read(tmp_path / "in.nii")

    rows, _ = segment_into(tmp_path / "out.nii", mapped(tmp_path / "in.nii"), method)

    whole = method(image)
    again = read(tmp_path / "out.nii")
    np.testing.assert_array_equal(again.pixels[..., 0], whole.mask)
    assert again.space == image.space
    (row,), (expected,) = rows, measure(whole, image)
    for name in ("voxels", "volume_ml", "touches_border", "least", "greatest", "box_mm"):
        assert getattr(row, name) == getattr(expected, name), name
    names = ("mean", "sd", "centroid_mm") + (
        ("p5", "p25", "median", "p75", "p95") if np.dtype(dtype).kind != "f" else ()
    )
    for name in names:
        np.testing.assert_allclose(getattr(row, name), getattr(expected, name), rtol=1e-6)
    assert np.isnan(row.surface_mm2)


@pytest.mark.parametrize("share", [0.02, 0.15, 0.4])
def test_joined_when_any_mask_then_kept_as_in_the_whole(share):
    random = np.random.default_rng(int(share * 100))
    mask = random.random((12, 9, 10)) < share
    sure = random.random(mask.shape) < 0.02
    joined = Joined()
    for piece, keeps in zip(slabs(mask), slabs(sure), strict=True):
        joined.take(piece, keeps)
    kept = np.concatenate([joined.kept(number, piece) for number, piece in enumerate(slabs(mask))])

    labels, _ = components(mask)
    np.testing.assert_array_equal(kept, mask & np.isin(labels, labels[mask & sure]))


def test_command_when_larger_than_the_memory_it_may_take_then_done(tmp_path):
    """176 MB of voxels with 110 MB for everything; the file is sparse, and so is the disk."""
    pytest.importorskip("resource")
    side = 560
    write(tmp_path / "in.nii", Image.volume(np.zeros((1, 1, 1), np.uint8)))
    head = bytearray((tmp_path / "in.nii").read_bytes()[:352])
    head[42:48] = np.array([side] * 3, "<i2").tobytes()
    with (tmp_path / "in.nii").open("wb") as file:
        file.write(head)
        for depth in (300, 301, 500):
            file.seek(352 + depth * side * side)
            file.write(bytes([200]) * 1000)
        file.truncate(352 + side**3)
    code = (
        "import re, resource, sys; from pathlib import Path; import pixelwise.apps.medical.job;"
        "from pixelwise.cli import COMMANDS; from pixelwise.cli.root import run;"
        "import pixelwise.io.volumes.nifti, pixelwise.cli.volume;"
        "used = int(re.search(r'VmData:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]);"
        "limit = used * 1024 + 110_000_000;"
        "resource.setrlimit(resource.RLIMIT_DATA, (limit, limit));"
        "sys.exit(run(COMMANDS, sys.argv[1:]))"
    )
    command = ("volume", tmp_path / "in.nii", "-o", tmp_path / "out.nii", "--method", "hysteresis")
    more = ("--set", "low=100", "--set", "high=150", "--blockwise")
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, command), *more],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "3000 voxels" in done.stdout


@pytest.mark.parametrize(
    ("name", "arguments", "error", "said"),
    [
        ("in.nii.gz", {}, UsageError, "uncompressed"),
        ("in.nii", {"pixels": (2, 3, 4, 2)}, InputError, "one channel"),
    ],
)
def test_mapped_when_it_cannot_be_then_refused(name, arguments, error, said, tmp_path):
    write(tmp_path / name, Image(np.zeros(arguments.get("pixels", (2, 3, 4, 1)), np.uint8)))
    with pytest.raises(error, match=said):
        mapped(tmp_path / name)


def test_segment_when_the_method_needs_the_whole_then_refused(tmp_path):
    write(tmp_path / "in.nii", volume(np.uint8))
    with pytest.raises(UsageError, match="hysteresis"):
        segment_into(tmp_path / "out.nii", mapped(tmp_path / "in.nii"), Otsu(side=Side.BORDER))
    assert not (tmp_path / "out.nii").exists()


def test_command_when_over_the_limit_then_blockwise_is_named(tmp_path):
    from pixelwise.cli import COMMANDS
    from pixelwise.cli.root import run

    write(tmp_path / "in.nii", Image.volume(np.zeros((1, 1, 1), np.uint8)))
    head = bytearray((tmp_path / "in.nii").read_bytes()[:352])
    head[42:48] = np.array([1000] * 3, "<i2").tobytes()
    with (tmp_path / "in.nii").open("wb") as file:
        file.write(head)
        file.truncate(352 + 1000**3)  # a sparse file
    command = ["volume", str(tmp_path / "in.nii"), "-o", str(tmp_path / "o.nii")]
    with pytest.raises(LimitError, match="--blockwise"):
        run(COMMANDS, [*command, "--method", "otsu"])
