"""Networks on volumes: the grid there and back, sliding windows, slices that vote."""

from itertools import permutations, product

import numpy as np
import pytest

from pixelwise.cards.inputs import VolumeSpec
from pixelwise.core import Foreground, Image, Legend, Semantic, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.methods.deep.conform import conformed, turn_to
from pixelwise.methods.deep.slices import SliceBySlice
from pixelwise.methods.deep.volumes import VolumeNetwork
from pixelwise.methods.deep.windows import Sliding

ORIENTATIONS = [
    (order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)
]


def placed(voxels, order, signs, steps=(1.0, 1.0, 1.0)):
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis in range(3):
        affine[order[axis], axis] = signs[axis] * steps[axis]
    affine[:3, 3] = (-3, 4, 5)
    rows = tuple(map(tuple, affine.tolist()))
    return Image.volume(voxels, Space(tuple(steps[::-1]), Unit.MILLIMETRE, rows))


@pytest.mark.parametrize(("order", "signs"), ORIENTATIONS[::5])
def test_conform_when_oriented_then_labels_come_back_to_their_voxels(order, signs):
    labels = np.random.default_rng(2).integers(0, 4, (10, 8, 6)).astype(np.int32)
    image = placed(labels, order, signs)
    grid = conformed(image, VolumeSpec())
    near = np.rint(grid.voxels).astype(np.int32)
    assert grid.voxels.shape == (256, 256, 256)
    assert np.array_equal(grid.back(near), labels)


def test_conform_when_grid_is_the_wanted_one_then_values_kept():
    voxels = np.zeros((256, 256, 256), np.uint8)
    voxels[10, 20, 30] = 200
    affine = np.eye(4)
    affine[:3, :3] = turn_to("LIA")
    rows = tuple(map(tuple, affine.tolist()))
    image = Image.volume(voxels, Space((1.0, 1.0, 1.0), Unit.MILLIMETRE, rows))
    grid = conformed(image, VolumeSpec())
    assert grid.voxels.dtype == np.uint8
    assert np.argwhere(grid.voxels).tolist() == [[30, 20, 10]]


def test_conform_when_voxels_are_thick_then_world_is_kept():
    voxels = np.zeros((6, 20, 20), np.float32)
    voxels[3, 10:14, 5:9] = 100
    image = placed(voxels, (0, 1, 2), (1, 1, 1), steps=(1.0, 1.0, 4.0))
    grid = conformed(image, VolumeSpec(orientation="RAS"))
    assert (grid.voxels > 50).sum() == pytest.approx(4 * 4 * 4, rel=0.3)
    assert np.array_equal(grid.back((grid.voxels > 50).astype(np.int32)) > 0, voxels > 50)


def test_sliding_when_windows_differ_then_no_seams():
    volume = np.random.default_rng(0).random((9, 12, 7)).astype(np.float32)
    seen = []

    def network(part):
        seen.append(part.shape)
        return np.stack([part, 1 - part], axis=-1)

    made = Sliding(side=5, overlap=0.4)(volume, network)
    assert np.allclose(made[..., 0], volume, atol=1e-6)
    assert np.allclose(made.sum(axis=-1), 1, atol=1e-6)
    assert len(seen) == 3 * 4 * 2
    assert set(seen) == {(5, 5, 5)}
    assert Sliding(side=64)(volume, network).shape == (9, 12, 7, 2)
    assert seen[-1] == (9, 12, 7)


def test_sliding_when_windows_disagree_then_the_nearer_middle_counts_more():
    places = iter((0.0, 1.0))
    made = Sliding(side=8, overlap=0.5)(
        np.zeros((12, 8, 8), np.float32),
        lambda part: np.full((*part.shape, 1), next(places), np.float32),
    )[:, 4, 4, 0]
    assert made[:4].tolist() == [0, 0, 0, 0]
    assert made[8:].tolist() == [1, 1, 1, 1]
    assert (np.diff(made[3:9]) > 0).all()


def test_sliding_when_the_overlap_is_whole_then_refused():
    with pytest.raises(InvalidSetting, match="overlap"):
        Sliding(side=8, overlap=1.0)


def ladder(image):
    return Semantic((image.pixels[..., 0] > 127).astype(np.int32), Legend.of(["low", "high"]))


def test_slices_when_voted_then_majority_wins():
    volume = np.zeros((4, 4, 4), np.uint8)
    volume[2:] = 255
    image = placed(volume, (0, 1, 2), (1, 1, 1))
    result = SliceBySlice(segmenter=ladder, planes=(0, 1, 2), window=(0, 255))(image)
    assert np.array_equal(result.labels == 1, volume > 0)
    assert result.space == image.space

    def odd(picture):
        return Foreground(np.full(picture.size, picture.size[0] == 3))

    flat = placed(np.zeros((2, 3, 3), np.uint8), (0, 1, 2), (1, 1, 1))
    assert SliceBySlice(segmenter=odd, planes=(0, 1, 2))(flat).area == 0
    assert SliceBySlice(segmenter=odd, planes=(0,))(flat).area == 18


def test_slices_when_not_possible_then_refused():
    with pytest.raises(InvalidSetting):
        SliceBySlice(segmenter=ladder, planes=(3,))
    with pytest.raises(InputError):
        SliceBySlice(segmenter=ladder)(Image(np.zeros((4, 4), np.uint8)))


def test_network_when_volume_has_no_millimetres_then_refused(model_dir):
    from pixelwise.cards.deck import load_cards

    card = load_cards()["meshnet-tissue"]
    path = model_dir / "brainchop_model20chan3cls.model.bin"
    network = VolumeNetwork(card=card, path=path, runtime="meshnet")
    with pytest.raises(InputError, match="voxel size"):
        network(Image.volume(np.zeros((4, 4, 4), np.uint8)))
    with pytest.raises(InputError, match="grey volumes"):
        network(Image(np.zeros((4, 4), np.uint8)))


@pytest.mark.models
def test_network_when_run_then_labels_on_the_native_grid(model_dir):
    from pixelwise.cards.deck import load_cards

    path = model_dir / "brainchop_model20chan3cls.model.bin"
    if not path.is_file():
        pytest.skip(f"{path.name} is not there")
    voxels = np.zeros((30, 24, 20), np.uint8)
    voxels[5:25, 4:20, 3:17] = np.random.default_rng(4).integers(100, 250, (20, 16, 14))
    image = placed(voxels, (2, 0, 1), (1, -1, 1))
    result = VolumeNetwork(card=load_cards()["meshnet-tissue"], path=path, runtime="meshnet")(image)
    assert result.labels.shape == (30, 24, 20)
    assert result.space == image.space
    assert result.provenance.model == "meshnet-tissue"
    assert not result.labels[:4].any()


@pytest.mark.models
def test_network_when_windows_slide_and_mirror_then_as_good_as_the_whole(data_dir):
    """The shipped hippocampus network, asked through the catalogue as the command line asks it."""
    from pixelwise.catalog.loading import Access
    from pixelwise.catalog.requests import Request, segmenter_for
    from pixelwise.io.files import read

    path = min((data_dir / "hippocampus_msd" / "images").glob("*.nii.gz"))
    image = read(path)
    truth = read(data_dir / "hippocampus_msd" / "labels" / path.name).pixels[..., 0] > 0

    def asked(**settings):
        access = Access(offline=True)
        request = Request(model="hippocampus-unet3d", settings=settings, access=access)
        return segmenter_for(request)(image)

    def dice(result):
        found = result.labels > 0
        return 2 * (found & truth).sum() / (found.sum() + truth.sum())

    whole, windows, mirrored = asked(), asked(tiles="32"), asked(tiles="32", mirror="0")
    assert np.array_equal(asked(tiles="64").labels, whole.labels)
    assert not np.array_equal(windows.labels, whole.labels)
    assert dice(windows) > dice(whole) - 0.01
    assert dice(mirrored) > 0.75  # it was taught one side of the head
    notes = " ".join(mirrored.provenance.notes)
    assert "windows of 32 voxels" in notes
    assert "Mean of 2 runs" in notes
