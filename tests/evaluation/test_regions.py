"""Regions against hand-made truth, scikit-image, and the published files of BSDS500."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.io import loadmat
from scipy.ndimage import label
from skimage.metrics import adapted_rand_error, variation_of_information

from pixelwise.errors import InputError
from pixelwise.evaluation import contingency, regions
from pixelwise.evaluation.contingency import Contingency, joint_histogram

MAPS = arrays(np.int32, (6, 7), elements=st.integers(1, 4))


def published(data_dir):
    """Return id -> (threshold, covering, best) of the published per-image file."""
    folder = data_dir / "bsds500"
    rows = np.loadtxt(folder / "reference_gpb_owt_ucm" / "eval_cover_img.txt")
    readme = (data_dir / "README.md").read_text(encoding="utf-8")
    for path in sorted((folder / "groundTruth").glob("*.mat")):
        line = next(
            row for row in readme.splitlines() if row.strip().startswith(f"| {path.stem} |")
        )
        yield path.stem, rows[int(line.split("|")[2]) - 1]


def people(data_dir, name):
    stored = loadmat(data_dir / "bsds500" / "groundTruth" / f"{name}.mat")["groundTruth"][0]
    return [person["Segmentation"][0, 0].astype(np.int32) for person in stored]


def level(data_dir, name, threshold):
    ucm = loadmat(data_dir / "bsds500" / "ucm2" / f"{name}.mat")["ucm2"]
    return label(ucm <= threshold, np.ones((3, 3)))[0][1::2, 1::2].astype(np.int32)


@pytest.mark.data
def test_covering_at_the_published_threshold_equals_the_published_value(data_dir):
    gaps = {}
    for name, (_, threshold, expected, _) in published(data_dir):
        score = regions.score_regions(people(data_dir, name), level(data_dir, name, threshold))
        gaps[name] = abs(score.covering - expected)
    assert len(gaps) == 20
    assert max(gaps.values()) < 5e-5, gaps


@pytest.mark.data
def test_best_level_of_a_picture_is_the_published_level_and_value(data_dir):
    for name, (_, threshold, expected, _) in list(published(data_dir))[:2]:
        levels = [level(data_dir, name, step / 100) for step in range(1, 100, 2)]
        levels.append(level(data_dir, name, threshold))
        scores = regions.score_hierarchy([(people(data_dir, name), levels)])
        assert scores.ois == pytest.approx(expected, abs=5e-5)
        assert scores.ods == scores.ois
        assert scores.best > scores.ois


@given(MAPS, MAPS)
@settings(max_examples=40, deadline=None)
def test_information_and_rand_of_random_maps_equal_scikit_image(first, second):
    table = Contingency.of(first, second)
    halves = variation_of_information(first, second)
    assert regions.variation_of_information(table) == pytest.approx(sum(halves), abs=1e-9)
    _, precision, recall = adapted_rand_error(first, second)
    joint, left, right, _ = regions._pairs(table)
    if left and right:
        assert {round(joint / left, 9), round(joint / right, 9)} == {
            round(precision, 9),
            round(recall, 9),
        }


@given(MAPS, MAPS)
@settings(max_examples=40, deadline=None)
def test_rand_index_of_random_maps_equals_counting_every_pair(first, second):
    one, two = first.reshape(-1), second.reshape(-1)
    upper = np.triu_indices(one.size, 1)
    agree = (one[:, None] == one)[upper] == (two[:, None] == two)[upper]
    assert regions.rand_index(Contingency.of(first, second)) == pytest.approx(agree.mean())


def test_adjusted_rand_of_known_partitions_equals_the_textbook_value():
    table = Contingency.of(np.array([1, 1, 2, 2, 3, 3]), np.array([1, 1, 1, 2, 2, 2]))
    assert regions.adjusted_rand(table) == pytest.approx(0.24242424242424243)


def test_scores_when_the_result_leaves_pixels_void_are_lower_not_higher():
    truth = np.array([[1, 1, 2, 2]])
    whole = regions.score_regions([truth], truth)
    holes = regions.score_regions([truth], np.array([[1, 1, 2, 0]]))
    assert holes.covering == pytest.approx(0.75)
    assert holes.covering < whole.covering
    assert holes.pri < whole.pri
    assert holes.vi > whole.vi


def test_void_of_the_truth_is_left_out():
    truth = np.array([[1, 1, 2, 2, 0, 0]])
    assert regions.score_regions([truth], np.array([[1, 1, 2, 2, 3, 4]])).covering == 1.0


def test_scores_when_the_truth_is_all_void_say_so():
    with pytest.raises(InputError, match="every pixel of the truth is void"):
        regions.score_regions([np.zeros((2, 2), int)], np.ones((2, 2), int))


def test_scores_when_sizes_differ_say_so():
    with pytest.raises(InputError, match="sizes must be equal"):
        regions.score_regions([np.ones((2, 2), int)], np.ones((2, 3), int))


def test_scores_without_a_truth_say_so():
    with pytest.raises(InputError, match="no truth"):
        regions.score_regions([], np.ones((2, 2), int))


@given(
    arrays(np.int32, 23, elements=st.integers(0, 5)),
    arrays(np.int32, 23, elements=st.integers(0, 3)),
)
@settings(max_examples=30, deadline=None)
def test_joint_histogram_by_each_road_is_the_same(first, second):
    expected = np.zeros((6, 4), int)
    np.add.at(expected, (first, second), 1)
    assert (joint_histogram(first, second, (6, 4)) == expected).all()
    assert (contingency._counted_by_opencv(first, second, (6, 4)) == expected).all()
    pairs = contingency._sorted_pairs(first, second, 4)
    assert (expected[pairs.first, pairs.second] == pairs.count).all()
    assert pairs.total == 23


@pytest.mark.parametrize("compiled", [True, False])
def test_id_histogram_of_huge_ids_counts_every_pixel(monkeypatch, compiled):
    monkeypatch.setattr(contingency, "COMPILED", compiled and contingency.COMPILED)
    random = np.random.default_rng(0)
    ids, ids_too = np.int32([16_000_000, 3, 70_000]), np.int32([9, 15_999_999])
    places, places_too = random.integers(0, 4, (8, 9)), random.integers(0, 3, (8, 9))
    first, second = np.append(0, ids)[places], np.append(0, ids_too)[places_too]
    expected = np.zeros((4, 3), int)
    np.add.at(expected, (places, places_too), 1)
    assert (contingency.id_histogram(first, second, (ids, ids_too)) == expected).all()


def test_joint_histogram_when_a_label_is_outside_says_so():
    with pytest.raises(InputError, match="outside the table of 2"):
        joint_histogram(np.array([7]), np.array([0]), (2, 2))


def test_contingency_of_huge_labels_needs_no_huge_table():
    table = Contingency.of(np.array([2_000_000_000, 5]), np.array([1_999_999_999, 7]))
    assert sorted(zip(table.first.tolist(), table.second.tolist(), strict=True)) == [
        (5, 7),
        (2_000_000_000, 1_999_999_999),
    ]
