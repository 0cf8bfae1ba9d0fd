"""Random things, their guesses, and panoptic pairs, made from a seed."""

import numpy as np

from pixelwise.core import Instances, Legend, Panoptic, Segments

LEGEND = Legend.of(
    ["sky", "road", "car", "person", "dog"], things=["car", "person", "dog"], title="street"
)


def things(seed, count=7, size=(90, 120), crowd=0.15):
    random = np.random.default_rng(seed)
    masks = np.zeros((count, *size), bool)
    for mask in masks:
        height, width = random.integers(6, 50, 2)
        y, x = random.integers(0, size[0] - 6), random.integers(0, size[1] - 6)
        mask[y : y + height, x : x + width] = True
        np.logical_and(mask, random.random(size) > 0.1, out=mask)
    found = Instances.of(masks, random.integers(2, 5, count).astype(np.int32), LEGEND)
    table = found.segments.with_columns(crowd=random.random(count) < crowd)
    return Instances(table, found.crops, found.size, LEGEND)


def guesses(truth, seed):
    random = np.random.default_rng(seed)
    masks, classes = [], []
    for mask, class_id in zip(truth.masks, truth.segments.class_id, strict=True):
        for _ in range(2):
            masks.append(np.roll(mask, tuple(random.integers(-5, 6, 2)), (0, 1)))
            classes.append(class_id if random.random() < 0.9 else random.integers(2, 5))
    score = np.round(random.random(len(masks)), 2)  # rounded, so that scores tie
    return Instances.of(np.array(masks), np.array(classes, np.int32), LEGEND, score=score)


def panoptic_pair(seed, size=(80, 100)):
    random = np.random.default_rng(seed)
    truth = _blocks(random, size)
    result = np.roll(truth, tuple(random.integers(-4, 5, 2)), (0, 1))
    result[random.random(size) < 0.03] = 0
    result[10:22, 10:40] = result.max() + 1
    classes = random.integers(0, 5, 60).astype(np.int32)
    swapped = np.where(random.random(60) < 0.15, random.integers(0, 5, 60), classes)
    crowd = random.random(60) < 0.1
    return _panoptic(truth, classes, crowd), _panoptic(result, swapped, np.zeros(60, bool))


def _blocks(random, size):
    coarse = random.integers(0, 18, (8, 10))
    return np.kron(coarse, np.ones((size[0] // 8, size[1] // 10), int)).astype(np.int32)


def _panoptic(labels, classes, crowd):
    ids, areas = np.unique(labels[labels > 0], return_counts=True)
    classes = classes[ids % 60].copy()
    table = Segments.of(classes, id=ids, area=areas).with_columns(crowd=crowd[ids % 60])
    return Panoptic(labels, table, LEGEND)
