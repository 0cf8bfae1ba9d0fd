"""MediaPipe's call shapes on our engine."""

import threading

import cv2
import numpy as np
import pytest
import skimage.data

from pixelwise.catalog import find
from pixelwise.compat.mediapipe import (
    BaseOptions,
    Image,
    ImageFormat,
    ImageSegmenter,
    ImageSegmenterOptions,
    RunningMode,
    SelfieSegmentation,
)
from pixelwise.core import Image as Picture
from pixelwise.errors import InputError, UsageError
from tests.compat.goldens import CATEGORIES


@pytest.fixture
def models(model_dir, monkeypatch):
    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    return model_dir


@pytest.fixture
def person():
    return np.ascontiguousarray(cv2.resize(skimage.data.astronaut(), (320, 240)))


@pytest.mark.parametrize(("selection", "card"), [(0, "selfie"), (1, "selfie-landscape")])
def test_selfie_when_processed_then_the_soft_mask_of_that_model(models, person, selection, card):
    with SelfieSegmentation(model_selection=selection) as segmenter:
        mask = segmenter.process(person).segmentation_mask
    assert mask.dtype == np.float32
    assert mask.shape == (240, 320)
    assert np.array_equal(mask, find(card)(Picture(person)).alpha)
    assert 0.2 < (mask > 0.5).mean() < 0.7


def test_selfie_when_not_rgb_then_input_error(models):
    with SelfieSegmentation() as segmenter, pytest.raises(InputError, match="RGB"):
        segmenter.process(np.zeros((4, 4), np.uint8))
    with pytest.raises(UsageError, match="0 or 1"):
        SelfieSegmentation(model_selection=2)


def options(models, **given):
    path = str(models / "selfie_segmentation.tflite")
    return ImageSegmenterOptions(base_options=BaseOptions(model_asset_path=path), **given)


def test_segmenter_when_a_picture_is_given_then_person_is_0_and_background_255(models, person):
    with ImageSegmenter.create_from_options(
        options(models, output_category_mask=True)
    ) as segmenter:
        result = segmenter.segment(Image(image_format=ImageFormat.SRGB, data=person))
    category = result.category_mask.numpy_view()
    expected = find("selfie")(Picture(person))
    assert category.dtype == np.uint8
    assert np.array_equal(category == 0, expected.mask)
    assert set(np.unique(category)) == {0, 255}
    assert len(result.confidence_masks) == 1
    assert np.array_equal(result.confidence_masks[0].numpy_view(), expected.alpha)


def test_segmenter_when_the_guides_code_runs_then_background_is_replaced(models, person):
    """The cell of MediaPipe's guide, line by line."""
    with ImageSegmenter.create_from_options(
        options(models, output_category_mask=True)
    ) as segmenter:
        image = Image(ImageFormat.SRGB, person)
        category_mask = segmenter.segment(image).category_mask
        image_data = image.numpy_view()
        fg_image = np.full(image_data.shape, 255, np.uint8)
        bg_image = np.full(image_data.shape, 192, np.uint8)
        condition = np.stack((category_mask.numpy_view(),) * 3, axis=-1) > 0.2
        output_image = np.where(condition, fg_image, bg_image)
    assert output_image.shape == person.shape
    assert 0.2 < (output_image == 192).mean() < 0.7


def test_segmenter_when_many_classes_then_labels_and_a_mask_each(models, person):
    path = str(models / "deeplab_v3.tflite")
    given = ImageSegmenterOptions(base_options=BaseOptions(path), output_category_mask=True)
    with ImageSegmenter.create_from_options(given) as segmenter:
        result = segmenter.segment(Image(ImageFormat.SRGB, person))
        labels = list(segmenter.labels)
    category = result.category_mask.numpy_view()
    assert len(labels) == 21
    assert len(result.confidence_masks) == 21
    assert labels[int(np.bincount(category.ravel())[1:].argmax()) + 1] == "person"
    scores = np.stack([mask.numpy_view() for mask in result.confidence_masks])
    assert np.allclose(scores.sum(0), 1, atol=1e-3)


def test_segmenter_when_video_then_times_must_rise(models, person):
    image = Image(ImageFormat.SRGB, person)
    with ImageSegmenter(options(models, running_mode=RunningMode.VIDEO)) as segmenter:
        segmenter.segment_for_video(image, 0)
        segmenter.segment_for_video(image, 33)
        with pytest.raises(UsageError, match="must rise"):
            segmenter.segment_for_video(image, 33)
        with pytest.raises(UsageError, match="VIDEO mode"):
            segmenter.segment(image)


def test_segmenter_when_live_then_the_callback_gets_results_from_another_thread(models, person):
    seen = []

    def callback(result, image, timestamp_ms):
        seen.append((timestamp_ms, result, image, threading.current_thread()))

    given = options(models, running_mode=RunningMode.LIVE_STREAM, result_callback=callback)
    with ImageSegmenter.create_from_options(given) as segmenter:
        for number in range(5):
            segmenter.segment_async(Image(ImageFormat.SRGB, person), number * 33)
    times = [row[0] for row in seen]
    assert times == sorted(times)
    assert times[-1] == 132
    assert seen[0][3] is not threading.current_thread()
    assert np.array_equal(
        seen[-1][1].confidence_masks[0].numpy_view(), find("selfie")(Picture(person)).alpha
    )


def test_segmenter_when_options_contradict_then_usage_error(models):
    with pytest.raises(UsageError, match="result_callback"):
        ImageSegmenter(options(models, running_mode=RunningMode.LIVE_STREAM))
    with pytest.raises(UsageError, match="ask for"):
        ImageSegmenter(options(models, output_confidence_masks=False))


def test_image_when_read_from_a_file_then_rgb(tmp_path, person):
    cv2.imwrite(str(tmp_path / "a.png"), person[..., ::-1])
    image = Image.create_from_file(str(tmp_path / "a.png"))
    assert (image.width, image.height) == (320, 240)
    assert np.array_equal(image.numpy_view(), person)


def test_goldens_when_compared_then_pixels_of_mediapipe_itself(models, person):
    """The category masks that MediaPipe 1.2.2 gave for this very picture."""
    for file, (count, packed) in CATEGORIES.items():
        given = ImageSegmenterOptions(
            base_options=BaseOptions(str(models / file)), output_category_mask=True
        )
        with ImageSegmenter.create_from_options(given) as segmenter:
            category = segmenter.segment(Image(ImageFormat.SRGB, person)).category_mask
        ours = category.numpy_view() == 0
        theirs = unpacked(packed, ours.shape)
        assert int(theirs.sum()) == count
        assert (ours & theirs).sum() / (ours | theirs).sum() > 0.999


def unpacked(runs, shape):
    """Return the mask of a list of run lengths, background first."""
    lengths = [int(part, 36) for part in runs.split()]
    values = np.arange(len(lengths)) % 2 == 1
    return np.repeat(values, lengths).reshape(shape)
