"""Folders of pictures as films: their order, their times, and what cannot be read."""

from fractions import Fraction

import numpy as np
import pytest
from tests.films import picture

from pixelwise.core import Image
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.io.files import write
from pixelwise.io.video import PictureFrames


@pytest.fixture
def folder(tmp_path):
    """Return a folder of pictures 8 to 12, whose names are not in the order of the letters."""
    for number in range(8, 13):
        write(tmp_path / f"frame{number}.png", Image(picture(number)))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".frame1.png").write_bytes(b"hidden")
    return tmp_path


def test_frames_when_read_then_in_the_order_of_their_numbers_at_their_times(folder):
    film = PictureFrames(folder, Fraction(30_000, 1001))
    images = list(film)
    assert [path.name for path in film.files] == [f"frame{number}.png" for number in range(8, 13)]
    for number, image in enumerate(images):
        assert np.array_equal(image.pixels, picture(8 + number))
        assert image.space.time_s == pytest.approx(number * 1001 / 30_000, abs=1e-9)
    assert (film.facts.count, film.facts.rate) == (5, Fraction(30_000, 1001))
    assert (film.facts.height, film.facts.width) == picture(0).shape[:2]
    assert (film.stem, film.facts.has_audio) == (folder.name, False)


def test_frames_when_read_twice_then_the_same(folder):
    film = PictureFrames(folder)
    assert len(list(film)) == len(list(film)) == 5


def test_frames_when_a_pattern_is_given_then_only_its_pictures(folder):
    write(folder / "other3.png", Image(picture(0)))
    film = PictureFrames(folder / "frame%02d.png")
    assert [path.name for path in film.files][:2] == ["frame8.png", "frame9.png"]
    assert len(film.files) == 5
    assert film.stem == "frame"
    assert PictureFrames(folder / "other%d.png").facts.count == 1


def test_frames_when_a_pattern_is_all_number_then_named_after_the_folder(folder):
    write(folder / "7.png", Image(picture(0)))
    assert PictureFrames(folder / "%05d.png").stem == folder.name


def test_frames_when_one_is_damaged_then_listed_and_the_one_before_stands_for_it(folder):
    data = (folder / "frame10.png").read_bytes()
    (folder / "frame10.png").write_bytes(data[: len(data) // 2])
    film = PictureFrames(folder, Fraction(10))
    images = list(film)
    assert len(images) == 5
    assert np.array_equal(images[2].pixels, picture(9))
    assert images[2].space.time_s == pytest.approx(0.2)
    ((number, time_s, why),) = [(row.frame, row.time_s, row.why) for row in film.damage]
    assert (number, time_s) == (2, pytest.approx(0.2))
    assert "frame10.png" in why


def test_frames_when_the_first_is_damaged_then_the_film_begins_with_the_second(folder):
    (folder / "frame8.png").write_bytes(b"\x89PNG")
    film = PictureFrames(folder)
    assert np.array_equal(next(iter(film)).pixels, picture(9))
    assert film.damage[0].frame == 0


def test_frames_when_the_size_changes_then_noted(folder):
    write(folder / "frame13.png", Image(picture(0, (64, 96))))
    film = PictureFrames(folder)
    assert list(film)[-1].size == (64, 96)
    assert film.notes == ["the size changes to 96 x 64 on the way"]


def test_frames_when_there_are_none_then_says_so(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        PictureFrames(tmp_path / "gone")
    with pytest.raises(InputError, match="no pictures in it"):
        PictureFrames(tmp_path)
    with pytest.raises(InputError, match=r"like a%d\.png"):
        PictureFrames(tmp_path / "a%d.png")
    (tmp_path / "a1.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="none of its pictures can be read"):
        PictureFrames(tmp_path)


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(-3), Fraction(2000)])
def test_frames_when_the_rate_makes_no_sense_then_refused(folder, rate):
    with pytest.raises(InvalidSetting, match="rate"):
        PictureFrames(folder, rate)
