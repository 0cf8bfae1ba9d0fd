"""The cards of the package: facts that hold together, and with the files at hand."""

import hashlib
import tomllib
from importlib.resources import files

import pytest

from pixelwise.cards import AddressSource, AnswerShape, Commercial, Holds, Layout, Store, load_cards
from pixelwise.cards.deck import sections_of
from pixelwise.core import Task
from pixelwise.errors import ModelError, UnknownName

DECK = load_cards({})
RUNTIMES = {"litert", "onnx", "openvino", "torch", "transformers", "meshnet"}
FIXED = [
    "selfie",
    "selfie-landscape",
    "hair",
    "deeplab-v3",
    "deeplab-v3-onnx",
    "deeplab-mnv2-voc",
    "deeplab-mnv2-dm05-voc",
    "deeplab-slim-cityscapes",
    "deeplab-mnv2-ade32",
    "deeplab-mnv2-ade32-int8",
    "yolov8n-seg-320",
    "twinlitenet",
    "road-adas",
    "prisma",
    "prisma-onnx",
    "sinet",
    "meshnet-tissue",
    "meshnet-structures",
    "meshnet-brain",
]


@pytest.mark.parametrize("name", DECK)
def test_card_holds_together(name):
    card = DECK[name]

    assert set(card.runtimes) <= RUNTIMES
    assert card.about.endswith(".")
    assert card.licence.weights
    assert card.roles[-1] == "model" or "model" in card.roles
    assert len(card.input.mean) == len(card.input.std)
    if card.decoder.name is AnswerShape.DENSE and card.task is Task.FOREGROUND:
        assert len(card.legend_object()) == 2
    for source in card.sources:
        assert source.sha256 or isinstance(source, AddressSource)


@pytest.mark.parametrize("name", FIXED)
def test_fixed_names_exist(name):
    assert name in DECK


def test_weights_of_agpl_or_non_commercial_licence_are_never_commercial():
    words = ("AGPL", "NC", "non-commercial", "GPL")
    for card in DECK.values():
        if any(word in card.licence.weights for word in words):
            assert card.licence.commercial is not Commercial.YES, card.name


def test_sections_when_parsed_one_by_one_then_same_as_whole_file():
    text = files("pixelwise.cards").joinpath("cards.toml").read_text(encoding="utf-8")

    parts = {name: tomllib.loads(part)[name] for name, part in sections_of(text).items()}

    assert parts == tomllib.loads(text)


def test_deck_when_name_is_unknown_then_nearest_is_named():
    with pytest.raises(UnknownName, match="did you mean 'deeplab-v3'"):
        DECK["deeplab-v4"]


def test_deck_when_folder_has_cards_then_they_are_added(tmp_path):
    (tmp_path / "mine.toml").write_text(
        '[mine]\ntask = "foreground"\nlegend = "person-2"\nruntimes = ["onnx"]\n'
        '[[mine.sources]]\nfile = "mine.onnx"\n'
    )

    deck = load_cards({"PIXELWISE_CARDS": str(tmp_path)})

    assert deck["mine"].sources[0].file == "mine.onnx"
    assert deck.folder_of("mine") == tmp_path
    assert deck.folder_of("selfie") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[selfie]\ntask = "foreground"\n', "takes the name 'selfie'"),
        ("not toml", "cannot be read"),
        ("x = 1\n", "its own header"),
        ('["mine"]\nx = 1\n', "its own header"),
    ],
)
def test_deck_when_added_card_is_wrong_then_error_names_the_file(tmp_path, text, why):
    (tmp_path / "mine.toml").write_text(text)

    with pytest.raises(ModelError, match=f"mine.toml.*{why}"):
        load_cards({"PIXELWISE_CARDS": str(tmp_path)})


@pytest.mark.models
def test_every_file_at_hand_that_a_card_names_has_its_hash(model_dir):
    checked = set()
    for card in DECK.values():
        for source in card.sources:
            path = model_dir / source.file
            if path.is_file() and source.size == path.stat().st_size:
                assert hashlib.sha256(path.read_bytes()).hexdigest() == source.sha256, card.name
                checked.add(path.name)

    models = {path.name for path in model_dir.iterdir()} - {"t1_crop.nii.gz", "vitTracker.onnx"}
    assert models <= checked


@pytest.mark.models
@pytest.mark.parametrize("name", FIXED)
def test_fixed_cards_are_ready_with_the_files_at_hand(model_dir, name, tmp_path):
    store = Store.from_environment(
        {"PIXELWISE_MODEL_PATH": str(model_dir), "PIXELWISE_CACHE": str(tmp_path)}, deck=DECK
    )

    assert store.find_local(DECK[name]) is not None
    assert store.is_ready(DECK[name])


@pytest.mark.models
@pytest.mark.parametrize("name", [name for name in FIXED if DECK[name].runtime == "litert"])
def test_litert_card_agrees_with_its_file(model_dir, name):
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    card, path = DECK[name], model_dir / DECK[name].sources[0].file
    model = interpreter.Interpreter(model_path=str(path))
    taken = [tuple(row["shape"]) for row in model.get_input_details()]
    given = {row["name"]: tuple(row["shape"]) for row in model.get_output_details()}

    agrees(card, taken[0], given)


@pytest.mark.models
@pytest.mark.parametrize("name", [name for name in FIXED if DECK[name].runtime == "onnx"])
def test_onnx_card_agrees_with_its_file(model_dir, name):
    onnxruntime = pytest.importorskip("onnxruntime")
    card, path = DECK[name], model_dir / DECK[name].sources[0].file
    model = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    taken = tuple(model.get_inputs()[0].shape)
    given = {row.name: tuple(row.shape) for row in model.get_outputs()}

    agrees(card, taken, given)


def agrees(card, taken, given):
    extra = 1 if card.input.extra == "previous-mask" else 0
    channels = len(card.input.mean) + extra
    sides = {
        Layout.NHWC: (*card.input.size, channels),
        Layout.NCHW: (channels, *card.input.size),
    }
    assert taken[1:] == sides[card.input.layout]
    assert set(card.decoder.tensors) <= set(given)
    if card.decoder.name is AnswerShape.DENSE:
        for name in card.decoder.tensors or list(given)[:1]:
            shape = card.decoder.shape or given[name]
            axis = -1 if card.output_layout is Layout.NHWC else 1
            assert card.decoder.holds is Holds.IDS or shape[axis] == card.outputs
