"""Damaged annotations of every format end in one of our errors or in pictures, never in another.

A few in every run, 400 of each format under ``make fuzz``.
"""

import random
import re
import shutil

import hypothesis
import numpy as np
import pytest
from tests.io.annotations.test_roundtrips import LEGEND, place_for, scene
from tests.mutation.mutants import mutant

from pixelwise.errors import PixelwiseError
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.dataset import Dataset
from pixelwise.io.annotations.fitting import Fit
from pixelwise.io.format import Reading
from pixelwise.io.limits import SERVER

FEW, MANY = 24, 400
TOKEN = re.compile(rb'-?\d[\d.eE+-]*|"[^"]*"|true|false|null|[\[\]{},:<>/=]|[A-Za-z~]+')
STRANGE = [
    b"", b"0", b"-1", b"1e309", b"nan", b"2147483648", b"99999999999999999999", b"1.5", b"null",
    b"[]", b"{}", b"[[1,2]]", b'""', b'"x"', b"true", b"\xc2\xb2", b"\xff", b"../x", b"x y",
]  # fmt: skip


@pytest.fixture(scope="module", params=ANNOTATIONS)
def sound(request, tmp_path_factory):
    """Return a format's name, a place with sound annotations, and its files."""
    name = request.param
    folder = tmp_path_factory.mktemp(name)
    row, place = ANNOTATIONS[name], place_for(name, folder)
    fit = Fit(LEGEND, row.capacity)
    row.write(place, Dataset(legend=fit.legend, samples=[fit(sample)[0] for sample in scene()]))
    return name, place, [path for path in sorted(folder.rglob("*")) if path.is_file()]


def twisted(data, number):
    """Return a text in which one number, word or bracket stands for another."""
    chance = random.Random(number)  # noqa: S311
    found = list(TOKEN.finditer(data))
    if not found:
        return mutant([data], number)
    token = found[chance.randrange(len(found))]
    other = found[chance.randrange(len(found))][0] if chance.random() < 0.3 else None
    return data[: token.start()] + (other or chance.choice(STRANGE)) + data[token.end() :]


def test_annotations_when_damaged_then_our_error_or_pictures(sound, tmp_path):
    name, place, files = sound
    count = MANY if hypothesis.settings.get_current_profile_name() == "fuzz" else FEW
    base, rules = place.parent, Reading(limits=SERVER)
    for number in range(count):
        copy = tmp_path / str(number)
        shutil.copytree(base, copy)
        path = copy / files[number % len(files)].relative_to(base)
        made = twisted if number % 2 else lambda data, number: mutant([data], number + 32)
        path.write_bytes(made(path.read_bytes(), number))
        try:
            faults = list(ANNOTATIONS[name].faults(copy / place.name, rules))
            assert all(str(fault) for fault in faults)
        except PixelwiseError:
            pass
        try:
            for sample in ANNOTATIONS[name].read(copy / place.name, rules):
                assert np.asarray(sample.result).shape[-2:] == sample.size
        except PixelwiseError as error:
            assert str(error)  # noqa: PT017
        shutil.rmtree(copy)
