import json
import re

import numpy as np
import pytest
import skimage.data

from pixelwise.apps.compare import compare, contact_sheet, page, table
from pixelwise.apps.compare.guide import family_text, method_text
from pixelwise.catalog import find
from pixelwise.core import Image
from pixelwise.errors import InputError, UnknownName
from pixelwise.methods import FAMILIES, METHODS

COINS = Image(np.asarray(skimage.data.coins())[:120, :160])
TRUTH = np.asarray(find("otsu")(COINS)).astype(np.int32)


@pytest.fixture(scope="module")
def made():
    return compare(COINS, ["otsu", "li", "live-wire"], TRUTH)


def test_compare_when_run_then_entries_in_order_and_networks_at_the_end(made):
    assert [entry.name for entry in made.entries[:2]] == ["otsu", "li"]
    assert [entry.family for entry in made.entries[-4:]] == ["deep"] * 4


def test_compare_when_settings_are_shown_then_short_for_networks_too(made):
    assert "side=brighter" in made.entries[0].settings
    assert all("(" not in entry.settings for entry in made.entries)
    assert all(len(entry.settings) < 60 for entry in made.entries[-4:])


def test_compare_when_truth_given_then_scores(made):
    scores = dict(made.entries[0].scores)
    assert scores["iou"] == 1.0
    assert scores["ari"] == 1.0


def test_compare_when_one_fails_then_shown_with_its_reason(made):
    failed = [entry for entry in made.entries if entry.reason]
    text = page(made, "coins").decode()
    for entry in failed:
        assert entry.result is None
        assert "could not be shown" in text


def test_compare_when_agreement_then_symmetric_with_ones(made):
    assert np.allclose(made.agreement, made.agreement.T)
    assert np.allclose(np.diag(made.agreement), 1)
    assert len(made.agreeing) == len(made.agreement)


def test_compare_when_strip_then_values_of_the_guide(made):
    strip = made.entries[0].strip
    assert (strip.setting, [variant.value for variant in strip.variants]) == (
        "side",
        ["brighter", "darker", "border"],
    )


def test_page_when_made_then_stands_alone_and_small(made):
    data = page(made, "coins <b>")
    text = data.decode()

    assert len(data) < 3_000_000
    assert "coins &lt;b&gt;" in text
    assert not re.search(r'(src|href)="(?!data:|#)', text)


def test_table_when_made_then_json(made):
    rows = json.loads(json.dumps(table(made)))
    assert rows["entries"][0]["name"] == "otsu"


def test_contact_sheet_when_made_then_a_picture(made):
    assert contact_sheet(made).channels == 3


def test_compare_when_picture_is_large_then_a_note_says_so():
    made = compare(Image(np.zeros((10, 1000), np.uint8)), ["otsu"])
    assert made.image.width == 640
    assert "640" in made.notes[0]


def test_compare_when_asked_nonsense_then_error():
    with pytest.raises(UnknownName, match="otsu"):
        compare(COINS, ["otsoo"])
    with pytest.raises(InputError, match="truth"):
        compare(COINS, ["otsu"], np.zeros((2, 2), np.int32))
    with pytest.raises(InputError, match="volumes"):
        compare(Image.volume(np.zeros((2, 2, 2))))


def test_guide_when_read_then_speaks_of_every_method_and_family():
    for family in [*FAMILIES, "deep"]:
        assert family_text(family).text
    for name, kind in METHODS.items():
        text = method_text(name)
        assert text.how, name
        assert text.fails, name
        assert text.main in kind.__dataclass_fields__, name
