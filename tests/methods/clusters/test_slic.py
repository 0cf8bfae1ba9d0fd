import cv2
import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.methods.clusters.slic import Slic
from pixelwise.ops.components import relabel


def halves() -> np.ndarray:
    pixels = np.full((60, 90, 3), 60, np.uint8)
    pixels[:, 37:] = (200, 150, 40)
    return pixels


def test_slic_when_two_colours_then_no_superpixel_holds_both():
    labels = Slic(segments=24)(Image(halves())).labels

    assert not set(np.unique(labels[:, :37])) & set(np.unique(labels[:, 37:]))


@pytest.mark.parametrize("segments", [1, 4, 50, 400])
def test_slic_when_so_many_are_asked_for_then_about_so_many_come_each_in_one_piece(segments):
    noise = np.random.default_rng(0).integers(0, 30, (60, 90, 3)).astype(np.uint8)

    labels = Slic(segments=segments, compactness=20)(Image(noise)).labels

    assert 0.7 * segments <= labels.max() <= 1.4 * segments
    assert relabel(labels, diagonal=False)[1] == labels.max()


def test_slic_when_more_compact_then_borders_are_shorter():
    noise = np.random.default_rng(0).normal(0, 200, (60, 90, 3))
    noise = np.clip(128 + cv2.GaussianBlur(noise, (0, 0), 2), 0, 255).astype(np.uint8)
    loose, tight = (Slic(segments=40, compactness=c)(Image(noise)).labels for c in (1, 80))

    assert border(tight) < border(loose)


def border(labels: np.ndarray) -> int:
    return int((labels[:, 1:] != labels[:, :-1]).sum() + (labels[1:] != labels[:-1]).sum())
