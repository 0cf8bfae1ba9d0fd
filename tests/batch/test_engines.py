"""What both engines promise: the same trees, and that no item costs more than itself."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from .conftest import COMMAND, WITH_RAY, run, start, tree

POISON = Path(__file__).with_name("poison.py")


def poisoned(folder, tmp_path, engine, deadline=4.0):
    name = "ray" if "env" in engine else "local"
    program = (sys.executable, str(POISON))
    arguments = (folder, tmp_path / "out", deadline, name)
    code, said, err = run(*arguments, **{**engine, "program": program})
    assert code == 0, err
    failures = [
        json.loads(line) for line in (tmp_path / "out/failures.jsonl").read_text().splitlines()
    ]
    return {line["input"]: line["reason"] or line["error"] for line in failures}, said


@pytest.fixture
def folder(pictures, tmp_path):
    """Ten good pictures."""
    made = tmp_path / "in"
    made.mkdir()
    for path in sorted(pictures.glob("*.png"))[:10]:
        shutil.copy(path, made)
    return made


def test_run_when_items_are_poison_then_they_alone_fail(folder, tmp_path, engine):
    good = len(list(folder.iterdir()))
    for kind in ("DIE", "BUG", "GONE", "JUNK", "HANG"):
        (folder / f"{kind}.png").write_text(kind)
    (folder / "GROW.png").write_bytes(b"GROW")

    start_s = time.monotonic()

    failures, said = poisoned(folder, tmp_path, engine)

    assert time.monotonic() - start_s < 90  # it would sleep for 1000 s
    assert failures == {
        "DIE.png": "worker_died",
        "HANG.png": "deadline",
        "BUG.png": "ZeroDivisionError",
        "GONE.png": "missing",
        "JUNK.png": "invalid",
        "GROW.png": "invalid",
    }
    assert said.split() == [str(good), "6"]
    assert len(list((tmp_path / "out").glob("*.labels.png"))) == good


def test_batch_when_its_driver_is_killed_then_the_next_run_makes_the_same_tree(
    pictures, finished, tmp_path, engine
):
    command = (pictures, tmp_path, "--method", "otsu", "--json")
    process = start(*command, **engine)
    process.stdout.readline()
    process.kill()
    process.communicate()
    assert tree(tmp_path) != finished

    code, said, err = run(*command, **engine)

    assert (code, err) == (0, "")
    assert json.loads(said.splitlines()[-1])["kept"] >= 1
    assert tree(tmp_path) == finished


def test_batch_when_interrupted_then_130_and_one_line(pictures, tmp_path, engine):
    process = start(pictures, tmp_path, "--method", "otsu", "--json", **engine)
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "kept" in err
    assert err.count("\n") == 1


def test_batch_when_photographs_and_a_network_then_both_engines_agree(
    data_dir, model_dir, tmp_path, cluster
):
    """Issue 9: a folder of the real pictures by both engines, with identical output."""
    env = {"PIXELWISE_MODEL_PATH": str(model_dir), "RAY_ADDRESS": cluster}
    photos = tmp_path / "photos"
    photos.mkdir()
    for path in sorted((data_dir / "people_ccp/photos").glob("*.jpg"))[:12]:
        shutil.copy(path, photos)
    rest = ("--model", "selfie", "--offline", "--save", "labels,mask,overlay,coco")
    for name, program in (("local", COMMAND), ("ray", WITH_RAY)):
        code, _, err = run(photos, tmp_path / name, *rest, program=program, env=env)
        assert code == 0, err

    assert len(list((tmp_path / "ray").glob("*.overlay.png"))) == 12
    assert tree(tmp_path / "ray") == tree(tmp_path / "local")


def test_ray_when_nobody_answers_at_its_address_then_said_at_once(pictures, tmp_path):
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{wire.getsockname()[1]}"
        start_s = time.monotonic()
        command = (pictures, tmp_path, "--method", "otsu", "--engine", "ray")
        code, _, err = run(*command, env={"RAY_ADDRESS": address})
    assert code == 4
    assert f"nobody answers at RAY_ADDRESS={address}" in err
    assert len(err.splitlines()) == 1
    assert time.monotonic() - start_s < 60  # Ray itself gives up after some minutes


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n"])
def test_ray_when_something_else_answers_at_its_address_then_said_soon(pictures, tmp_path, says):
    def answer():
        with suppress(OSError):
            wire = server.accept()[0]
            wire.sendall(says)
            wire.recv(4096)
            ended.wait()
            wire.close()

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        other = threading.Thread(target=answer)
        other.start()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        start_s = time.monotonic()
        command = (pictures, tmp_path, "--method", "otsu", "--engine", "ray")
        code, _, err = run(*command, env={"RAY_ADDRESS": address})
        ended.set()
        other.join()
    assert code == 4
    assert f"what answers at RAY_ADDRESS={address} is not Ray" in err
    assert len(err.splitlines()) == 1
    assert time.monotonic() - start_s < 40  # the command itself, beside other tests


def test_ray_when_not_installed_then_the_pip_line_is_named(pictures, tmp_path):
    blocked = "import sys; sys.modules['ray'] = None; from pixelwise.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", blocked, "batch", pictures, tmp_path, "--engine", "ray"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install 'pixelwise[ray]'" in done.stderr
