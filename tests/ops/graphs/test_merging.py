import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops.graphs.adjacency import adjacency, region_table
from pixelwise.ops.graphs.merging import Cost, absorb_small, cut, merge_tree, merged

COSTS = [Cost(), Cost(colour=2, size=1), Cost(colour=0, boundary=1), Cost(1, 0.25, 0.5)]


def _graph(labels, seed=0):
    generator = np.random.default_rng(seed)
    values = generator.random((*labels.shape, 2)) * 10
    strength = generator.random(labels.shape)
    return adjacency(labels, strength), region_table(labels, values)


def _price(cost, sizes, means, pair, mean_strength):
    m, n = (sizes[end] for end in pair)
    distance = np.linalg.norm(means[pair[0]] - means[pair[1]])
    return distance**cost.colour * (m * n / (m + n)) ** cost.size * mean_strength**cost.boundary


def _joined(edges, first, second):
    renamed = {}
    for pair, (length, strength) in edges.items():
        ends = tuple(sorted({first if end == second else end for end in pair}))
        if len(ends) == 2:
            before = renamed.get(ends, (0, 0))
            renamed[ends] = (before[0] + length, before[1] + strength)
    return renamed


def _plain_heights(graph, table, cost):
    """Greedy merging that looks at every pair each time."""
    sizes, means = dict(enumerate(table.sizes)), dict(enumerate(table.means))
    rows = zip(graph.pairs.tolist(), graph.lengths, graph.sums, strict=True)
    edges = {tuple(pair): (length, strength) for pair, length, strength in rows}
    heights = []
    while edges:
        prices = {
            pair: _price(cost, sizes, means, pair, strength / length)
            for pair, (length, strength) in edges.items()
        }
        first, second = min(prices, key=prices.get)
        heights.append(prices[first, second])
        m, n = sizes[first], sizes[second]
        means[first] = (m * means[first] + n * means[second]) / (m + n)
        sizes[first] = m + n
        edges = _joined(edges, first, second)
    return np.maximum.accumulate(heights) if heights else np.zeros(0)


@pytest.mark.parametrize("cost", COSTS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_merge_tree_when_compared_with_a_plain_search_then_heights_are_equal(cost, seed):
    labels = np.random.default_rng(seed).integers(1, 13, (6, 5)).astype(np.int32)
    graph, table = _graph(labels, seed)
    merges = merge_tree(graph, table, cost)
    np.testing.assert_allclose(merges.heights, _plain_heights(graph, table, cost), rtol=1e-9)


def test_cut_when_height_grows_then_regions_nest():
    labels = np.arange(1, 31, dtype=np.int32).reshape(5, 6)
    graph, table = _graph(labels)
    merges = merge_tree(graph, table, Cost())
    fine, coarse = (merged(labels, cut(merges, 30, height)) for height in (3.0, 5.0))
    assert coarse.max() < fine.max() < 30
    for label in range(1, fine.max() + 1):
        assert len(np.unique(coarse[fine == label])) == 1


def test_merge_tree_when_stopped_then_it_is_the_beginning_of_the_whole():
    labels = np.arange(1, 31, dtype=np.int32).reshape(5, 6)
    graph, table = _graph(labels)
    whole, part = merge_tree(graph, table, Cost()), merge_tree(graph, table, Cost(), up_to=3.0)
    assert 0 < len(part.pairs) < len(whole.pairs)
    np.testing.assert_array_equal(part.pairs, whole.pairs[: len(part.pairs)])


def test_absorb_small_when_a_region_is_tiny_then_it_joins_its_nearest_neighbour():
    labels = np.array([[1, 1, 1, 2, 3, 3, 3]], np.int32)
    values = np.array([[0, 0, 0, 7, 9, 9, 9]], float)[..., np.newaxis]
    mapping = absorb_small(adjacency(labels), region_table(labels, values), Cost(), 2)
    assert merged(labels, mapping).tolist() == [[1, 1, 1, 2, 2, 2, 2]]


def test_absorb_small_when_nothing_touches_then_it_stays():
    labels = np.array([[1, 0, 2]], np.int32)
    mapping = absorb_small(
        adjacency(labels), region_table(labels, labels[..., np.newaxis]), Cost(), 9
    )
    assert mapping.tolist() == [0, 1, 2]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), least=st.integers(1, 12))
def test_absorb_small_when_all_touch_then_no_region_is_below_the_size(seed, least):
    labels = np.random.default_rng(seed).integers(1, 9, (5, 5)).astype(np.int32)
    graph, table = _graph(labels, seed)
    sizes = np.bincount(merged(labels, absorb_small(graph, table, Cost(), least)).reshape(-1))[1:]
    assert sizes.sum() == 25
    assert sizes.min() >= least


def test_merge_tree_when_there_is_one_region_then_nothing_merges():
    labels = np.ones((3, 3), np.int32)
    graph, table = _graph(labels)
    assert len(merge_tree(graph, table, Cost()).pairs) == 0
