from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pytest

from pixelwise.core import Image, Method, Regions, Task, build, setting, settings_of
from pixelwise.errors import InputError, InvalidSetting, UnknownName


class Way(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, kw_only=True)
class Probe(Method[Regions]):
    name = "probe"
    task = Task.REGIONS

    radius: int = setting(3, "Pixels.", low=1, high=9)
    share: float = setting(0.5, "Share.", low=0, high=1)
    way: Way = setting(Way.UP, "Way.")
    filled: bool = setting(True, "Fill.")
    level: float | None = setting(None, "Level.")
    box: tuple[int, int] = setting((1, 2), "Box.", low=0)
    axes: tuple[int, ...] = setting((0, 1), "Axes.", low=0)

    def segment(self, image: Image) -> Regions:
        return Regions(np.full(image.size, self.radius))


def test_build_when_text_then_types_of_the_fields():
    made = build(Probe, {"radius": "4", "way": "down", "filled": "no", "level": "2", "box": "3,4"})

    assert made == Probe(radius=4, way=Way.DOWN, filled=False, level=2.0, box=(3, 4))
    assert build(Probe, {"level": "none"}).level is None
    assert build(Probe, {"axes": ""}).axes == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("radius", "0"),
        ("radius", "2.5"),
        ("radius", "many"),
        ("radius", float("inf")),
        ("share", "nan"),
        ("share", 1.5),
        ("share", "1e308"),
        ("way", "left"),
        ("filled", "perhaps"),
        ("box", "1,2,3"),
        ("box", 3),
        ("box", "-1,2"),
        ("box", ""),
    ],
)
def test_build_when_value_does_not_fit_then_error_names_the_setting(name, value):
    with pytest.raises(InvalidSetting, match=name):
        build(Probe, {name: value})


def test_build_when_setting_unknown_then_nearest_is_named():
    with pytest.raises(UnknownName, match="radius"):
        build(Probe, {"radios": 3})


def test_call_when_segmented_then_space_and_provenance_are_filled():
    result = Probe()(Image(np.zeros((2, 3)), notes=("truncated",)))

    assert result.provenance.method == "probe"
    assert result.provenance.settings == settings_of(Probe())
    assert result.provenance.settings["way"] == "up"
    assert result.provenance.notes == ("truncated",)
    assert "segment" in result.provenance.seconds


def test_call_when_volume_given_to_picture_method_then_says_so():
    with pytest.raises(InputError, match="not on volumes"):
        Probe()(Image.volume(np.zeros((2, 2, 2))))
