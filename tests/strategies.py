"""Hypothesis strategies for the nouns."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pixelwise.core import Crop, Instances, Legend, Panoptic, Segments, Semantic

PETS = Legend.of(["background", "cat", "dog", "grass"], things=["cat", "dog"])

sizes = st.tuples(st.integers(1, 12), st.integers(1, 12))
masks = sizes.flatmap(lambda size: hnp.arrays(np.bool_, size))


@st.composite
def label_maps(draw, most=5):
    size = draw(sizes)
    return draw(hnp.arrays(np.int32, size, elements=st.integers(0, most)))


@st.composite
def semantics(draw):
    size = draw(sizes)
    labels = draw(hnp.arrays(np.int32, size, elements=st.sampled_from([0, 1, 2, 3, 255])))
    return Semantic(labels, PETS)


@st.composite
def panoptics(draw):
    labels = draw(label_maps())
    ids = np.unique(labels[labels > 0])
    classes = [draw(st.integers(1, 3)) for _ in ids]
    return Panoptic(labels, Segments.of(classes, id=ids), PETS)


@st.composite
def instances(draw, size=None):
    size = size or draw(sizes)
    stack = draw(st.lists(hnp.arrays(np.bool_, size), max_size=4))
    classes = [draw(st.integers(1, 2)) for _ in stack]
    scores = [draw(st.floats(0, 1, width=32)) for _ in stack]
    crops = tuple(Crop.of(mask) for mask in stack)
    table = Segments.of(classes, score=scores, area=[crop.area for crop in crops])
    return Instances(table, crops, size, PETS)
