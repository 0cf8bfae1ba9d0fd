"""Models inside published wheels, got with pip."""

import hashlib
import os
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from pixelwise.cards import Deck, WheelSource, load_cards
from pixelwise.cards.wheels import extract, fetch_wheel
from pixelwise.errors import ModelError
from tests.cards.conftest import MODEL

NAME = "pixelwise_toys-1.0-py3-none-any.whl"


@pytest.fixture
def toy_wheel(tmp_path, monkeypatch) -> Path:
    """A wheel that pip finds without a network."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / NAME, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("toys/one.tflite", MODEL)
        archive.writestr("toys/two.tflite", MODEL + b"2")
        info = "pixelwise_toys-1.0.dist-info"
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: pixelwise-toys\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder / NAME


def source(
    member: str = "toys/one.tflite", data: bytes = MODEL, **fields: object
) -> dict[str, object]:
    return {
        "package": "pixelwise-toys",
        "version": "1.0",
        "member": member,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    } | fields


@pytest.mark.usefixtures("toy_wheel")
def test_path_when_source_is_a_wheel_then_member_is_taken(card_of, store):
    path = store.path(card_of(source()))

    assert path.name == "one.tflite"
    assert path.read_bytes() == MODEL


@pytest.mark.usefixtures("toy_wheel")
def test_path_when_other_cards_share_the_wheel_then_it_is_fetched_once(card_of, store, monkeypatch):
    sections = {
        name: f'[{name}]\ntask="foreground"\nlegend="person-2"\nruntimes=["litert"]\n'
        f'[[{name}.sources]]\npackage="pixelwise-toys"\nversion="1.0"\nmember="toys/{name}.tflite"\n'
        f'sha256="{hashlib.sha256(data).hexdigest()}"\n'
        for name, data in (("one", MODEL), ("two", MODEL + b"2"))
    }
    deck = Deck(sections)
    store = replace(store, deck=deck)

    store.path(deck["one"])

    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert store.path(deck["two"]).read_bytes() == MODEL + b"2"


@pytest.mark.usefixtures("toy_wheel")
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"member": "toys/three.tflite"}, "no member toys/three.tflite"),
        ({"sha256": "0" * 64}, "what came is not the file of the card"),
        ({"size": 5}, "bytes, not 5"),
        ({"version": "2.0"}, "pip download pixelwise-toys==2.0 failed"),
    ],
)
def test_path_when_wheel_does_not_hold_it_then_error_and_nothing_kept(
    card_of, store, leftovers, tmp_path, changed, why
):
    with pytest.raises(ModelError, match=why):
        store.path(card_of(source(**changed)))

    assert leftovers() == set()
    assert not list((tmp_path / "cache").rglob("*.tflite"))


@pytest.mark.usefixtures("toy_wheel")
def test_fetch_wheel_when_pip_is_missing_then_error(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))

    with pytest.raises(ModelError, match="pip download"):
        fetch_wheel(WheelSource(package="a", version="1", member="b/c.onnx"), tmp_path)


def test_extract_when_wheel_is_damaged_then_error(toy_wheel, tmp_path):
    data = bytearray(toy_wheel.read_bytes())
    data[100:400] = bytes(300)
    toy_wheel.write_bytes(bytes(data))

    with pytest.raises(ModelError):
        extract(toy_wheel, WheelSource(**source()), tmp_path / "one.tflite")


@pytest.mark.slow
@pytest.mark.skipif("PIXELWISE_TEST_NET" not in os.environ, reason="set PIXELWISE_TEST_NET=1")
def test_path_when_selfie_comes_from_its_real_wheel_then_both_selfie_cards_are_ready(store):
    deck = load_cards({})
    store = replace(store, deck=deck)

    path = store.path(deck["selfie"])

    assert path.stat().st_size in {source.size for source in deck["selfie"].sources}
    if path.stat().st_size == 249505:
        assert store.find_local(deck["selfie-landscape"]) is not None
