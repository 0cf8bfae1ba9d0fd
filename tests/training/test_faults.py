import shutil

import numpy as np
import pytest

from pixelwise import Image, write
from pixelwise.errors import InputError
from pixelwise.io.encoders import grey_png
from pixelwise.training.job import prepare, train

from .orders import order


def put(folder, name, labels, pixels=None):
    (folder / "labels" / f"{name}.png").write_bytes(grey_png(labels.astype(np.uint16)))
    made = np.full((*labels.shape, 3), 90, np.uint8) if pixels is None else pixels
    write(folder / "images" / f"{name}.png", Image(made))


def told(ready):
    return {(fault.name, fault.stops): fault.what for fault in ready.faults}


def test_data_when_faulty_then_everything_is_named_before_training(folder, tmp_path):
    thing = np.zeros((64, 64), np.int32)
    thing[8:30, 8:30] = 1
    noise = np.random.default_rng(0).integers(0, 255, (40, 64, 3)).astype(np.uint8)
    put(folder, "wrong-size", thing, noise)
    put(
        folder,
        "empty",
        np.zeros((64, 64)),
        np.random.default_rng(1).integers(0, 9, (64, 64, 3)).astype(np.uint8),
    )
    (folder / "images" / "p03.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (folder / "images" / "p04.png").unlink()
    twin = (folder / "images" / "p00.png").read_bytes()
    (folder / "images" / "p11.png").write_bytes(twin)
    faults = told(prepare(order(folder, tmp_path, held_out=0.3)))
    assert "64x40" in faults["wrong-size", True]
    assert "nothing is labelled" in faults["empty", False]
    assert ("p03", True) in faults
    assert "no picture of that name" in faults["p04", True]
    assert "p00" in faults["p11", True]
    with pytest.raises(InputError, match="faults that stop"):
        train(order(folder, tmp_path), prepare(order(folder, tmp_path)), print, lambda *_: None)
    assert not (tmp_path / "run-unet").exists()


def test_labels_when_of_no_class_then_named(folder, tmp_path):
    for path in (folder / "labels").glob("*.png"):
        labels = np.zeros((64, 64), np.int32)
        labels[10:20, 10:20] = 1
        if path.stem == "p05":
            labels[0, 0] = 77
        path.write_bytes(grey_png(labels.astype(np.uint8)))
    asked = order(folder, tmp_path)
    faults = told(prepare(asked))
    assert "wrong value" in faults["p05", False]
    from dataclasses import replace

    from pixelwise import Legend

    named = replace(asked, legend=Legend.of(["background", "cell"]))
    assert "[77]" in told(prepare(named))["p05", True]
    third = replace(asked, legend=Legend.of([str(k) for k in range(80)]))
    assert ("5", False) in told(prepare(third))


def test_data_when_test_pictures_were_learnt_from_then_a_leak(folder, tmp_path):
    from dataclasses import replace

    found = told(prepare(replace(order(folder, tmp_path), test=folder)))
    assert "test part" in found["p00", True]


def test_masks_when_classes_are_colours_then_read_by_them(folder, tmp_path):
    shutil.rmtree(folder / "labels")
    (folder / "labels").mkdir()
    for number, path in enumerate(sorted((folder / "images").glob("*.png"))):
        colours = np.zeros((64, 64, 3), np.uint8)
        colours[10:30, 10:30] = (255, 255, 0)
        if number == 3:
            colours[40:50, 40:50] = (0, 128, 255)
        write(folder / "labels" / path.name, Image(colours))
    ready = prepare(order(folder, tmp_path))
    assert ready.made.plan.classes == ("background", "#ffff00", "#0080ff")
    truth = next(one for one in [*ready.learn, *ready.kept] if one.name == "p03").targets
    assert (truth[20, 20], truth[45, 45], truth[0, 0]) == (1, 2, 0)
    (folder / "labels" / "p03.png").unlink()
    assert prepare(order(folder, tmp_path)).made.plan.classes == ("background", "object")
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    write(folder / "labels" / "p03.png", Image(noise))
    with pytest.raises(InputError, match=r"p03\.png.*smoothing"):
        prepare(order(folder, tmp_path))


def test_masks_when_soft_then_one_fault_says_what_to_do(folder, tmp_path):
    ramp = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)
    for path in (folder / "labels").glob("*.png"):
        path.write_bytes(grey_png(ramp))
    faults = prepare(order(folder, tmp_path)).faults
    assert [(fault.name, fault.stops) for fault in faults] == [("labels", True)]
    assert "soft edges" in faults[0].what
