import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops import kmeans as module
from pixelwise.ops.kmeans import choose_count, kmeans, summarise


def blobs(count: int, channels: int) -> np.ndarray:
    generator = np.random.default_rng(3)
    centres = generator.uniform(0, 100, (count, channels))
    return (centres.repeat(400, axis=0) + generator.normal(0, 1.5, (count * 400, channels))).astype(
        np.float32
    )


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_kmeans_when_blobs_are_apart_then_each_is_a_cluster(channels):
    points = (
        blobs(4, channels)
        if channels > 1
        else np.float32([[1], [2], [50], [51], [90], [99], [7], [56]])
    )
    found = kmeans(points, 4 if channels > 1 else 3)

    if channels > 1:
        assert all(len(set(found.labels[k * 400 : (k + 1) * 400])) == 1 for k in range(4))
    assert len(found.centres) == found.labels.max() + 1


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 7), st.integers(0, 99))
def test_kmeans_when_done_then_labels_are_nearest_and_the_inertia_is_theirs(count, seed):
    points = np.random.default_rng(seed).uniform(0, 100, (300, 3)).astype(np.float32)

    found = kmeans(points, count)
    squares = ((points[:, np.newaxis] - found.centres) ** 2).sum(axis=2)

    assert found.inertia <= squares.min(axis=1).sum() * 1.02
    assert len(found.centres) == count


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_kmeans_when_not_compiled_then_the_same_to_the_last_bit(channels, monkeypatch):
    points = np.random.default_rng(0).uniform(-50, 50, (3000, channels)).astype(np.float32)
    compiled = kmeans(points, 5)
    monkeypatch.setattr(module, "COMPILED", False)
    plain = kmeans(points, 5)

    assert np.array_equal(compiled.labels, plain.labels)
    assert np.array_equal(compiled.centres, plain.centres)
    assert compiled.inertia == plain.inertia


def test_summary_when_made_then_weight_and_mean_are_exact():
    points = np.random.default_rng(0).normal(0, 20, (5000, 3)).astype(np.float32)

    short = summarise(points)

    assert short.weights.sum() == 5000
    assert np.allclose(short.weights @ short.points / 5000, points.mean(axis=0), atol=1e-4)
    assert len(short.points) < 5000


def test_kmeans_when_fewer_points_differ_than_clusters_are_asked_then_fewer_come():
    found = kmeans(np.float32([[1, 1, 1]] * 9), 4)

    assert found.centres.tolist() == [[1, 1, 1]]
    assert found.inertia == 0


@pytest.mark.parametrize("count", [2, 3, 5])
def test_choose_count_when_blobs_are_apart_then_their_number(count):
    points = np.random.default_rng(0).normal(0, 1, (count * 300, 3)).astype(np.float32)
    points[:, 0] += np.repeat(np.arange(count) * 40, 300)

    assert choose_count(summarise(points)) == count
