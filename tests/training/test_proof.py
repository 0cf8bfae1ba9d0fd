import numpy as np
import pytest

from pixelwise import Foreground, Image, Instances, Legend
from pixelwise.errors import InputError
from pixelwise.training.proof import proved

LEGEND = Legend.of(["background", "thing"], things=["thing"])
PICTURES = {"a": Image(np.zeros((10, 10), np.uint8))}


def left_of(column):
    def segment(image):
        return Foreground(np.arange(10) < column + np.zeros((10, 1)))

    return segment


def things(*columns):
    masks = np.stack([np.arange(10) == column + np.zeros((10, 1)) for column in columns])
    result = Instances.of(masks, np.ones(len(columns), np.int32), LEGEND)
    return lambda image: result


def test_proof_when_the_same_then_it_holds():
    proof = proved(left_of(5), left_of(5), PICTURES)
    assert proof.holds
    assert proof.line.startswith("equal")
    assert (proof.agreement, proof.areas, proof.things) == (1, 1, 1)


def test_proof_when_masks_differ_then_it_does_not_and_says_where():
    proof = proved(left_of(5), left_of(6), PICTURES)
    assert not proof.holds
    assert proof.worst == "a"
    assert proof.agreement == pytest.approx((5 / 6 + 4 / 5) / 2)
    assert proof.to_dict()["holds"] is False


def test_proof_when_a_thing_is_lost_then_the_numbers_tell():
    proof = proved(things(1, 3), things(1), PICTURES)
    assert proof.things == 0.5
    assert proof.areas == 0.5


def test_proof_when_no_picture_then_refused():
    with pytest.raises(InputError, match="pictures"):
        proved(left_of(1), left_of(1), {})
