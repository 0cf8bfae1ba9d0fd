"""Volumes larger than memory: the same masks and numbers as at once, in bounded memory."""

import gzip
import os
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest

from pixelwise.apps.medical.blockwise import mapped, segment_into
from pixelwise.apps.medical.planes import three_planes
from pixelwise.apps.medical.presets import preset
from pixelwise.apps.medical.report import side_by_side
from pixelwise.apps.medical.shaping import parse_steps, reshaped
from pixelwise.apps.medical.statistics import LabelStatistics, measure
from pixelwise.core import Image, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, LimitError, UsageError
from pixelwise.io.files import encode, read, write
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

    source = mapped(tmp_path / "in.nii", tmp_path).image
    result, rows = segment_into(tmp_path / "out.nii", source, method)

    whole = method(image)
    again = read(tmp_path / "out.nii")
    np.testing.assert_array_equal(again.pixels[..., 0], whole.mask)
    np.testing.assert_array_equal(result.mask, whole.mask)
    assert again.space == image.space
    same_numbers(rows, measure(whole, image))


def same_numbers(rows, expected):
    assert len(rows) == len(expected) == 1
    for name in (item.name for item in fields(LabelStatistics)):
        ours, theirs = getattr(rows[0], name), getattr(expected[0], name)
        if isinstance(ours, str | int):
            assert ours == theirs, name
        else:
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, err_msg=name)


def scan():
    """A body in Hounsfield units: fat, muscle, a lung with a vessel, bone with a soft inside."""
    z, y, x = np.meshgrid(np.arange(14), np.arange(40), np.arange(44), indexing="ij")
    values = np.full(z.shape, -1000, np.int16)
    around = (x - 22) ** 2 + (y - 20) ** 2
    values[around < 18**2], values[around < 15**2] = -100, 40
    values[(x - 16) ** 2 + (y - 20) ** 2 + (2 * (z - 6)) ** 2 < 60] = -800
    values[6, 20, 12:18] = 30
    values[(x - 28) ** 2 + (y - 22) ** 2 < 20] = 700
    values[(x - 28) ** 2 + (y - 22) ** 2 < 5] = 90
    values += np.random.default_rng(5).integers(-8, 9, z.shape).astype(np.int16)
    return Image.volume(values, Space((2.0, 1.0, 1.0), Unit.MILLIMETRE))


@pytest.mark.parametrize("name", ["ct-bone", "ct-lung", "ct-soft-tissue", "ct-fat"])
def test_preset_when_by_slabs_then_mask_and_numbers_are_those_of_the_whole(
    name, tmp_path, monkeypatch
):
    monkeypatch.setattr(slabs, "__defaults__", (6000,))  # three slices
    write(tmp_path / "in.nii", scan())
    steps = parse_steps("grow=1.5,drop=0.05,fill")
    source = mapped(tmp_path / "in.nii", tmp_path).image
    result, rows = segment_into(tmp_path / "out.nii", source, preset(name), steps)

    whole = reshaped(preset(name)(scan()), steps)
    assert 0 < whole.area < whole.mask.size
    np.testing.assert_array_equal(result.mask, whole.mask)
    same_numbers(rows, measure(whole, scan()))
    assert result.provenance.notes == whole.provenance.notes


def test_preset_when_it_needs_the_whole_then_refused(tmp_path):
    write(tmp_path / "in.nii", scan())
    with pytest.raises(UsageError, match="whole volume"):
        segment_into(
            tmp_path / "out.nii", mapped(tmp_path / "in.nii", tmp_path).image, preset("mr-brain")
        )
    with pytest.raises(UsageError, match="parts"):
        segment_into(
            tmp_path / "out.nii",
            mapped(tmp_path / "in.nii", tmp_path).image,
            Otsu(),
            parse_steps("parts"),
        )


def scaled_nifti(folder):
    """Stored numbers that a slope and an intercept make into Hounsfield units, packed."""
    write(folder / "plain.nii", scan())
    data = bytearray((folder / "plain.nii").read_bytes())
    stored = (scan().pixels[..., 0] + 1024).astype("<u2") * 2
    data[70:74] = np.array([512, 16], "<i2").tobytes()  # uint16
    data[112:120] = np.array([0.5, -1024], "<f4").tobytes()
    data[352:] = stored.tobytes()
    return gzip.compress(bytes(data))


def raw_nrrd(_):
    """A header of NRRD before big-endian voxels."""
    size = " ".join(map(str, scan().size[::-1]))
    head = f"NRRD0004\ntype: short\ndimension: 3\nsizes: {size}\nspacings: 1 1 2\nendian: big\n"
    return f"{head}encoding: raw\n\n".encode() + scan().pixels.astype(">i2").tobytes()


FILES = {
    "in.nii.gz": scaled_nifti,
    "raw.nrrd": raw_nrrd,
    "in.nrrd": lambda _: encode(scan(), ".nrrd"),
    "in.mha": lambda _: encode(scan(), ".mha"),
}


@pytest.mark.parametrize("name", FILES)
def test_mapped_when_packed_scaled_or_turned_round_then_on_the_disk(name, tmp_path):
    (tmp_path / name).write_bytes(FILES[name](tmp_path))
    (tmp_path / "out").mkdir()
    image = mapped(tmp_path / name, tmp_path / "out").image

    np.testing.assert_array_equal(image.pixels, read(tmp_path / name).pixels)
    np.testing.assert_array_equal(image.pixels, scan().pixels)
    assert image.pixels.dtype.isnative
    owner = image.pixels
    while isinstance(owner, np.ndarray) and not isinstance(owner, np.memmap):
        owner = owner.base
    assert isinstance(owner, np.memmap | memoryview)
    assert list((tmp_path / "out").iterdir()) == []  # the room on the disk has no name


@pytest.mark.parametrize("slopes", [(1, 1, 1, 1), (1, 2, 1, 0.5)])
def test_mapped_when_dicom_series_then_slices_are_fetched_in_order(slopes, tmp_path):
    pytest.importorskip("highdicom", reason="highdicom comes with the extra medical")
    from pixelwise.io.volumes.dicom_series import read_series
    from tests.io.volumes.slices import dicom_slice, write_series

    random = np.random.default_rng(4)
    slices = [
        dicom_slice(n, random.integers(0, 3000, (40, 44)).astype(np.int16), RescaleSlope=slope)
        for n, slope in enumerate(slopes)
    ]
    folder = write_series(tmp_path / "series", slices[::-1])
    opened, whole = mapped(folder, tmp_path), read_series(folder)
    np.testing.assert_array_equal(opened.image.pixels, whole.image.pixels)
    assert opened.image.space == whole.image.space
    assert opened.image.notes == whole.image.notes
    assert not any("PixelData" in row for row in opened.slices)
    result, rows = segment_into(tmp_path / "out.nii", opened.image, preset("ct-bone"))
    expected = preset("ct-bone")(whole.image)
    np.testing.assert_array_equal(result.mask, expected.mask)
    same_numbers(rows, measure(expected, whole.image))


def test_mapped_when_packed_and_cut_then_refused(tmp_path):
    (tmp_path / "in.nii.gz").write_bytes(scaled_nifti(tmp_path)[:-30])
    with pytest.raises(InputError):
        mapped(tmp_path / "in.nii.gz", tmp_path)


def test_command_when_a_folder_then_mask_numbers_and_report(tmp_path):
    from pixelwise.cli import COMMANDS
    from pixelwise.cli.root import run

    write(tmp_path / "in.nii.gz", scan())
    command = ["volume", tmp_path / "in.nii.gz", "-o", tmp_path / "out", "--preset", "ct-bone"]
    run(COMMANDS, [*map(str, command), "--blockwise", "--shape", "largest=1"])
    names = {"labels.nii", "statistics.csv", "statistics.json", "report.html", "planes.png"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    whole = three_planes(scan(), reshaped(preset("ct-bone")(scan()), parse_steps("largest=1")))
    np.testing.assert_array_equal(read(tmp_path / "out/planes.png").pixels, side_by_side(whole))
    with pytest.raises(UsageError, match="mesh"):
        run(COMMANDS, [*map(str, command), "--blockwise", "--save", "labels,mesh"])


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
    ("name", "size", "error", "said"),
    [
        ("in.png", (4, 4), UsageError, "--blockwise reads"),
        ("in.nii", (2, 3, 4, 2), InputError, "one channel"),
    ],
)
def test_mapped_when_it_cannot_be_then_refused(name, size, error, said, tmp_path):
    write(tmp_path / name, Image(np.zeros(size, np.uint8)))
    with pytest.raises(error, match=said):
        mapped(tmp_path / name, tmp_path)


def test_segment_when_the_method_needs_the_whole_then_refused(tmp_path):
    write(tmp_path / "in.nii", volume(np.uint8))
    source = mapped(tmp_path / "in.nii", tmp_path).image
    with pytest.raises(UsageError, match="hysteresis"):
        segment_into(tmp_path / "out.nii", source, Otsu(side=Side.BORDER))
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
