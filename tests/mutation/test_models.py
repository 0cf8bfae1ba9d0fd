"""Mutants of model files that nobody vouches for: only the child process may suffer.

A few of them in every run, 200 of each format under ``make fuzz``.
"""

import time

import hypothesis
import pytest
from tests.mutation.mutants import mutant
from tests.onnx_files import one_node

from pixelwise.errors import ModelError
from pixelwise.runtimes.trial import try_model

FEW, MANY = 6, 200
DEADLINE_S = 20.0
ROOM_S = 15.0


def count():
    return MANY if hypothesis.settings.get_current_profile_name() == "fuzz" else FEW


@pytest.fixture
def models(model_dir, tmp_path):
    """Return a sound file of each format."""
    tflite = (model_dir / "selfie_segmentation_landscape.tflite").read_bytes()
    onnx = one_node("Relu", (1, 3, 8, 8), (1, 3, 8, 8)).write(tmp_path / "relu.onnx").read_bytes()
    return {"litert": ("a.tflite", tflite), "onnx": ("a.onnx", onnx)}


@pytest.mark.fuzz
@pytest.mark.parametrize("runtime", ["litert", "onnx"])
def test_mutant_when_tried_then_passes_or_is_refused_in_time(runtime, models, tmp_path):
    name, sound = models[runtime]
    step = max(MANY // count(), 1)
    for number in range(0, MANY, step):
        path = tmp_path / name
        path.write_bytes(mutant([sound], number))
        start = time.monotonic()
        try:
            try_model(runtime, path, seconds=DEADLINE_S)
        except ModelError as error:
            assert str(error).isprintable(), number  # noqa: PT017 - which one it was counts
        assert time.monotonic() - start < DEADLINE_S + ROOM_S, number


@pytest.mark.fuzz
@pytest.mark.parametrize("runtime", ["litert", "onnx"])
def test_sound_file_when_tried_then_passes(runtime, models, tmp_path):
    name, sound = models[runtime]
    path = tmp_path / name
    path.write_bytes(sound)
    try_model(runtime, path, seconds=60)
