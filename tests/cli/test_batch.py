"""The batch command as a user runs it; kills are in tests/batch."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path):
    """Six pictures of 24 x 32, two of one stem."""
    made = tmp_path / "in"
    (made / "sub").mkdir(parents=True)
    random = np.random.default_rng(0)
    for name in ("a.png", "a.bmp", "b.png", "sub/a.png", "sub/b.png", "sub/c.png"):
        cv2.imwrite(str(made / name), random.integers(0, 255, (24, 32, 3), np.uint8))
    return made


def outputs(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.labels.png"))


def limited(folder, out, **limits):
    """Run the batch with resource limits."""

    def limit():
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, name), (value, value))

    return subprocess.run(
        [sys.executable, "-m", "pixelwise", "batch", folder, out, "--method", "otsu"],
        capture_output=True,
        text=True,
        preexec_fn=limit,
        timeout=100,
        check=False,
    )


def test_batch_when_run_twice_then_the_second_finds_all_done(pixelwise, folder, tmp_path):
    out = tmp_path / "out"
    first = pixelwise("batch", folder, out, "--method", "otsu", "--json")
    again = pixelwise("batch", folder, out, "--method", "otsu", "--json")

    assert first.code == again.code == 0, first.err
    names = ("a.bmp", "a.png", "b.png", "sub/a.png", "sub/b.png", "sub/c.png")
    assert outputs(out) == [f"{name}.labels.png" for name in names]
    assert sorted(line["input"] for line in first.lines[:-1]) == list(names)
    assert (again.lines[-1]["done"], again.lines[-1]["kept"]) == (0, 6)

    (out / "b.png.labels.png").unlink()
    mended = pixelwise("batch", folder, out, "--method", "otsu", "--json")
    assert [line["input"] for line in mended.lines[:-1]] == ["b.png"]


def test_batch_when_another_setting_then_refused_unless_forced(pixelwise, folder, tmp_path):
    out = tmp_path / "out"
    assert pixelwise("batch", folder, out, "--method", "otsu").code == 0
    other = ("batch", folder, out, "--method", "otsu", "--set", "side=darker")

    refused = pixelwise(*other)
    forced = pixelwise(*other, "--force", "--json")

    assert refused.code == 2
    assert "other settings" in refused.err
    assert "--force" in refused.err
    assert forced.code == 0
    assert forced.lines[-1]["done"] == 6


def test_batch_when_dry_run_then_nothing_is_written(pixelwise, folder, tmp_path):
    done = pixelwise("batch", folder, tmp_path / "out", "--method", "otsu", "--dry-run")

    assert done.code == 0, done.err
    assert done.out.decode().count(" -> ") == 6
    assert not (tmp_path / "out").exists()


def test_batch_when_some_inputs_are_broken_then_3_and_listed(pixelwise, folder, tmp_path):
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnonsense")
    out = tmp_path / "out"
    done = pixelwise("batch", folder, out, "--method", "otsu")

    assert done.code == 3
    (line,) = (out / "failures.jsonl").read_text().splitlines()
    assert json.loads(line)["input"] == "bad.png"
    assert len(outputs(out)) == 6
    assert pixelwise("verify", out).code == 0

    (folder / "bad.png").unlink()
    assert pixelwise("batch", folder, out, "--method", "otsu").code == 0
    assert not (out / "failures.jsonl").exists()


def test_batch_when_every_kind_is_saved_then_verify_knows_every_file(pixelwise, folder, tmp_path):
    kinds = "overlay,mask,alpha,labels,cutout,coco,panoptic"
    out = tmp_path / "out"
    done = pixelwise("batch", folder / "a.png", out, "--method", "otsu", "--save", kinds)
    seen = pixelwise("verify", out, "--json")

    assert done.code == 0, done.err
    assert seen.code == 0
    assert seen.lines == [{"files": 8, "wrong": 0}]


def test_verify_when_a_bit_rots_then_3_and_the_file_is_named(pixelwise, folder, tmp_path):
    out = tmp_path / "out"
    pixelwise("batch", folder, out, "--method", "otsu")
    path = out / "sub/c.png.labels.png"
    data = bytearray(path.read_bytes())
    data[-20] ^= 4
    path.write_bytes(data)

    seen = pixelwise("verify", out)

    assert seen.code == 3
    assert seen.out.decode().splitlines()[0] == "changed: sub/c.png.labels.png"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nowhere", "out"), 4, "no such folder"),
        (("in/*.xyz", "out"), 4, "no pictures"),
        (("in", "in"), 2, "beside or below"),
        (("in", "out", "--workers", "0"), 2, "workers"),
        (("in", "out", "--deadline", "0"), 2, "--deadline"),
        (("in", "out", "--engine", "spark"), 2, "local"),
        (("in", "/dev/full"), 7, "cannot be made"),
    ],
)
def test_batch_when_called_wrongly_then_one_line(pixelwise, folder, arguments, code, words):
    done = pixelwise("batch", *arguments, "--method", "otsu")

    assert done.code == code
    assert words in done.err
    assert done.err.count("\n") == 1


def test_batch_when_the_disk_is_full_then_7_and_it_goes_on_later(pixelwise, tmp_path):
    big = np.random.default_rng(0).integers(0, 255, (300, 400), np.uint8)
    (tmp_path / "in").mkdir()
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"in/{number}.png"), np.roll(big, number))
    out = tmp_path / "out"

    done = limited(tmp_path / "in", out, RLIMIT_FSIZE=8_000)

    assert done.returncode == 7, done.stderr
    assert "goes on" in done.stderr
    assert outputs(out) == []
    assert not [path for path in out.iterdir() if path.name.endswith(".part")]
    assert pixelwise("batch", tmp_path / "in", out, "--method", "otsu").code == 0
    assert len(outputs(out)) == 3


def test_batch_when_few_file_descriptors_then_none_leaks(folder, tmp_path):
    for number in range(120):
        shutil.copy(folder / "a.png", folder / f"copy{number}.png")

    done = limited(folder, tmp_path / "out", RLIMIT_NOFILE=64)

    assert done.returncode == 0, done.stderr
    assert len(outputs(tmp_path / "out")) == 126


def test_batch_when_nobody_reads_stderr_then_the_work_goes_on(folder, tmp_path):
    for number in range(30):
        (folder / f"bad{number}.png").write_bytes(b"bad")
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while os.write(writer, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(writer, True)
    command = ("batch", folder, tmp_path / "out", "--method", "otsu")
    done = subprocess.run(
        [sys.executable, "-m", "pixelwise", *command], stderr=writer, timeout=60, check=False
    )
    os.close(reader)
    os.close(writer)

    assert done.returncode == 3
    assert len(outputs(tmp_path / "out")) == 6


def test_batch_when_watching_then_new_pictures_are_done(folder, tmp_path):
    out = tmp_path / "out"
    command = ("batch", folder, out, "--method", "otsu", "--watch", "--workers", "1")
    process = subprocess.Popen(
        [sys.executable, "-m", "pixelwise", *map(str, command)], stderr=subprocess.PIPE, text=True
    )
    _until(lambda: len(outputs(out)) == 6)
    shutil.copy(folder / "a.png", folder / "late.png")
    _until(lambda: "late.png.labels.png" in outputs(out))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "kept" in err


def _until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_batch_when_network_then_same_as_segment(pixelwise, folder, tmp_path, model_dir):
    env = {"PIXELWISE_MODEL_PATH": str(model_dir)}
    model = ("--model", "selfie", "--offline")
    batch = pixelwise("batch", folder / "a.png", tmp_path / "out", *model, env=env)
    one = pixelwise(
        "segment", folder / "a.png", "-o", tmp_path / "one", "--save", "labels", *model, env=env
    )

    assert batch.code == one.code == 0, batch.err + one.err
    assert (tmp_path / "out/a.png.labels.png").read_bytes() == (
        tmp_path / "one/a.labels.png"
    ).read_bytes()
