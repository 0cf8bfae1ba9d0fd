"""Boundaries against the published files of BSDS500, and matching against scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.io import loadmat
from skimage.morphology import thin as skimage_thin

from pixelwise.errors import InputError
from pixelwise.evaluation import contours, matching
from pixelwise.evaluation.thinning import thin

MASKS = arrays(bool, (9, 8))


def rows_of(data_dir, file):
    """Return id -> row of a per-image file of the published result."""
    folder = data_dir / "bsds500"
    rows = np.loadtxt(folder / "reference_gpb_owt_ucm" / file)
    readme = (data_dir / "README.md").read_text(encoding="utf-8").splitlines()
    for path in sorted((folder / "groundTruth").glob("*.mat")):
        line = next(row for row in readme if row.strip().startswith(f"| {path.stem} |"))
        yield path, rows[int(line.split("|")[2]) - 1]


@pytest.mark.data
def test_boundary_f_at_the_published_threshold_is_within_2_thousandths(data_dir):
    gaps = {}
    for path, (_, threshold, recall, precision, f) in rows_of(data_dir, "eval_bdry_img.txt"):
        ucm = loadmat(data_dir / "bsds500" / "ucm2" / path.name)["ucm2"][2::2, 2::2]
        truths = [row["Boundaries"][0, 0] > 0 for row in loadmat(path)["groundTruth"][0]]
        counts = contours.contour_counts(truths, thin(ucm >= threshold - 1e-9))
        curve = contours.BoundaryCurve.of(counts[None])
        ours = (curve.recall[0], curve.precision[0], curve.f[0])
        gaps[path.stem] = np.abs(np.subtract(ours, (recall, precision, f))).max()
    assert len(gaps) == 20
    assert max(gaps.values()) < 0.002, gaps


@pytest.mark.data
def test_boundary_of_a_partition_is_that_of_the_truth_files(data_dir):
    for path, _ in list(rows_of(data_dir, "eval_bdry_img.txt"))[:5]:
        for person in loadmat(path)["groundTruth"][0]:
            boundary = contours.partition_boundary(person["Segmentation"][0, 0])
            assert (boundary == (person["Boundaries"][0, 0] > 0)).all()


@given(arrays(bool, (11, 13), elements=st.booleans()))
@settings(max_examples=60, deadline=None)
def test_thinning_equals_scikit_image(mask):
    assert (thin(mask) == skimage_thin(mask)).all()


def cost_of(pairs, partner):
    cost = 0
    for row, column in enumerate(partner):
        if column >= 0:
            own = slice(pairs.start[row], pairs.start[row + 1])
            cost += pairs.cost[own][pairs.column[own] == column].item()
    return cost


@given(MASKS, MASKS, st.sampled_from([1.0, 1.5, 2.3, 4.1]))
@settings(max_examples=60, deadline=None)
def test_matching_has_the_pairs_and_the_cost_of_scipy(first, second, radius):
    pairs = matching.pairs_within(first, second, radius)
    ours, theirs = matching._assigned_here(pairs), matching._assigned_by_scipy(pairs)
    chosen = ours[ours >= 0]
    assert len(set(chosen.tolist())) == len(chosen) == (theirs >= 0).sum()
    assert cost_of(pairs, ours) == cost_of(pairs, theirs)


@given(MASKS, MASKS)
@settings(max_examples=30, deadline=None)
def test_near_pairs_by_both_roads_are_equal(first, second):
    y, x = np.nonzero(first)
    place = np.full((15, 14), -1, np.int32)
    place[3:12, 3:11][second] = np.arange(second.sum())
    plain = matching._near_pairs(y + 3, x + 3, place, matching._offsets(2.5))
    compiled = matching.near_pairs(y + 3, x + 3, place, matching._offsets(2.5))
    for one, other in zip(plain, compiled, strict=True):
        assert one.tolist() == other.tolist()


def test_matching_takes_more_pairs_before_nearer_ones():
    first, second = np.zeros((1, 6), bool), np.zeros((1, 6), bool)
    first[0, [1, 2]] = True
    second[0, [2, 3]] = True
    matched = matching.match_points(first, second, 1.0)
    assert matched.first.sum() == matched.second.sum() == 2


def test_scores_of_a_perfect_boundary_are_one():
    boundary = contours.partition_boundary(np.kron([[1, 2], [3, 4]], np.ones((8, 8), int)))
    counts = contours.contour_counts([boundary], boundary)
    scores = contours.score_contours(np.stack([counts, counts])[:, None])
    assert (scores.ods, scores.ois) == (1.0, 1.0)


def test_ods_ois_and_ap_of_known_counts():
    counts = np.array([[[8, 10, 8, 10], [4, 10, 4, 4]], [[10, 10, 10, 30], [6, 10, 6, 6]]])
    scores = contours.score_contours(counts)
    assert scores.ois == pytest.approx(2 * (14 / 20) * (14 / 16) / (14 / 20 + 14 / 16))
    assert scores.ods >= max(2 * 0.9 * 0.45 / 1.35, 2 * 0.5 * 1.0 / 1.5)
    assert scores.threshold == 1


def test_counts_when_sizes_differ_say_so():
    with pytest.raises(InputError, match="differ in size"):
        contours.contour_counts([np.zeros((3, 3), bool)], np.zeros((3, 4), bool))


def test_counts_without_truth_say_so():
    with pytest.raises(InputError, match="no truth"):
        contours.contour_counts([], np.zeros((3, 4), bool))
