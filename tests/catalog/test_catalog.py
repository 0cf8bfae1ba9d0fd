import numpy as np
import pytest
import skimage.data

import pixelwise as pw
from pixelwise.catalog import Access, Request, choices, segmenter_for
from pixelwise.catalog.choosing import choose
from pixelwise.catalog.finding import find_with
from pixelwise.core import Image, Prompts, Regions, Task
from pixelwise.errors import (
    InvalidSetting,
    LicenceError,
    ModelError,
    UnknownName,
    UsageError,
)

EDGE = Image(np.repeat(np.uint8([[10, 10, 200, 200]]), 4, axis=0))


def test_find_when_method_then_settings_are_typed():
    assert pw.find("otsu", bins="16").bins == 16


@pytest.mark.parametrize(
    ("name", "settings", "error"),
    [
        ("otsoo", {}, UnknownName),
        ("otsu", {"radius": 3}, UnknownName),
        ("otsu", {"bins": 1}, InvalidSetting),
        ("threshold", {"level": "high"}, InvalidSetting),
        ("selfie", {"runtime": "abacus"}, UnknownName),
        ("selfie", {"runtime": "onnx"}, UsageError),
        ("selfie", {"device": "cuda"}, InvalidSetting),
        ("selfie", {"threads": 0}, InvalidSetting),
        ("selfie", {"tiles": 8}, InvalidSetting),
        ("meshnet-tissue", {"threshold": 0.3}, InvalidSetting),
    ],
)
def test_find_when_name_or_setting_is_wrong_then_error(name, settings, error, model_dir):
    with pytest.raises(error):
        pw.find(name, **settings)


def test_find_when_path_of_a_model_then_tried_and_said_to_be_guessed(model_dir, tmp_path):
    said: list[str] = []
    own = tmp_path / "own.tflite"
    own.write_bytes((model_dir / "selfie_segmentation.tflite").read_bytes() + bytes(16))
    network = find_with(str(own), {}, Access(say=said.append))

    assert network(Image(np.asarray(skimage.data.astronaut()))).mask[400, 250]
    assert "no card" in said[0]
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"TFL3 nothing")
    with pytest.raises(ModelError):
        pw.find(str(broken))


def test_find_when_path_of_a_file_that_a_card_has_then_that_card(model_dir):
    said: list[str] = []
    path = model_dir / "yolov8n_320_quant_pc_ii_seg_coco-st.tflite"
    network = find_with(str(path), {}, Access(say=said.append))

    assert network.name == "yolov8n-seg-320"
    assert said == [f"{path} is the file of the card yolov8n-seg-320"]
    with pytest.raises(LicenceError, match="AGPL"):
        find_with(str(path), {}, Access(commercial=True))


def test_find_when_path_of_another_kind_of_network_then_says_what_to_do(model_dir):
    with pytest.raises(ModelError, match=r"2 inputs \(template, search\); write a card"):
        pw.find(str(model_dir / "vitTracker.onnx"))


def test_find_when_path_of_a_model_then_its_settings_hold(model_dir, tmp_path):
    name = str(tmp_path / "own.tflite")
    (tmp_path / "own.tflite").write_bytes(
        (model_dir / "selfie_segmentation.tflite").read_bytes() + bytes(16)
    )
    image = Image(np.asarray(skimage.data.astronaut()))
    assert "tiles of 300x300" in pw.find(name, tiles=300)(image).provenance.notes[-1]
    with pytest.raises(UnknownName, match="abacus"):
        pw.find(name, runtime="abacus")
    with pytest.raises(ModelError, match="'onnx' but a model for the runtime 'litert'"):
        pw.find(name, runtime="onnx")


def test_segment_when_task_differs_then_result_is_brought_to_it():
    result = pw.segment(EDGE, method="otsu", task="instance")

    assert isinstance(result, pw.Instances)
    assert result.segments.area.tolist() == [8]


def test_segment_when_path_given_then_read(tmp_path):
    pw.write(tmp_path / "edge.png", EDGE)
    assert pw.segment(tmp_path / "edge.png", method="otsu").mask.sum() == 8


def test_segment_when_prompts_go_to_what_takes_none_then_names_those_that_do():
    with pytest.raises(UsageError, match="takes no prompts; these do: active-contour"):
        pw.segment(EDGE, method="otsu", prompts=Prompts(points=[(0, 0)]))


def test_segment_when_prompts_given_then_used():
    result = pw.segment(
        EDGE, method="region-growing", prompts=Prompts(points=[(3, 0)]), task="foreground"
    )
    assert result.mask[:, 2:].all()
    assert not result.mask[:, :2].any()


def test_segment_when_settings_but_no_name_then_says_what_to_name():
    with pytest.raises(UsageError, match="--method"):
        pw.segment(EDGE, bins=3)


def test_best_when_person_then_the_person(model_dir):
    picture = Image(np.asarray(skimage.data.astronaut()))
    result = pw.best("foreground")(picture)

    assert result.provenance.model == "selfie"
    assert result.mask[400, 250]
    assert not result.mask[20, 20]
    assert result.alpha.shape == result.mask.shape


def test_best_when_regions_then_a_classical_method():
    assert isinstance(pw.best("regions")(EDGE), Regions)


def test_best_when_task_unknown_then_error():
    with pytest.raises(ValueError, match="everything"):
        pw.best("everything")


def test_choose_when_commercial_then_only_weights_that_may(model_dir):
    choice = choose(Task.FOREGROUND, Access(commercial=True))
    assert "commercial use: yes" in choice.line


def test_choose_when_only_restricted_weights_are_ready_then_licence_error(model_dir):
    if "yolov8n-seg-320" not in {row.name for row in pw.list_models() if row.ready}:
        pytest.skip("the instance model with restricted weights is not ready here")
    with pytest.raises(LicenceError, match="commercially"):
        choose(Task.INSTANCE, Access(commercial=True, offline=True))


def test_choose_when_offline_and_nothing_here_then_says_how(monkeypatch, tmp_path):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", "")
    monkeypatch.setenv("PIXELWISE_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="--offline"):
        choose(Task.FOREGROUND, Access(offline=True))


def test_choices_when_asked_then_a_line_for_every_task():
    assert all(choice.line for choice in choices().values())


def test_list_methods_when_listed_then_every_name_is_found():
    for row in pw.list_methods():
        assert row.summary.endswith(".")
        assert all(item.doc.endswith(".") for item in row.settings)


def test_list_models_when_listed_then_ready_first_and_slugs_of_the_design_exist():
    rows = pw.list_models()
    ready = [row.ready for row in rows]

    assert ready == sorted(ready, reverse=True)
    assert {row.name for row in rows} >= {
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
    }


def test_request_when_prompts_are_no_prompts_then_told_what_they_should_be():
    with pytest.raises(InvalidSetting, match=r"Prompts\(points="):
        Request(method="grabcut", prompts={"points": [(1, 2)]})


def test_best_when_device_and_threads_are_given_then_the_network_gets_them(model_dir, monkeypatch):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    segmenter = segmenter_for(Request(task=Task.FOREGROUND, settings={"threads": 1}))
    assert segmenter(Image(np.zeros((8, 8, 3), np.uint8))).provenance.device == "cpu"
    with pytest.raises(InvalidSetting, match="cuda"):
        segmenter_for(Request(settings={"device": "no such cuda"}))


def test_best_when_settings_belong_to_one_network_or_to_none_then_refused():
    with pytest.raises(UsageError, match="tiles"):
        segmenter_for(Request(settings={"tiles": 64, "threads": 1}))
    with pytest.raises(UsageError, match="no network"):
        segmenter_for(Request(task=Task.REGIONS, settings={"threads": 1}))
