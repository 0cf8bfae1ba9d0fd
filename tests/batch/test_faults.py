"""Faults 2, 19 to 24 and bad input 112: workers, terminals, threads, file systems, surroundings."""

import os
import pty
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest

from pixelwise.batch.inputs import root_of
from pixelwise.batch.verify import Verified, findings

from .conftest import COMMAND, run, start, tree

SHARED = Path("/dev/shm")  # noqa: S108 - a file system of its own


def test_batch_when_ctrl_c_in_a_terminal_then_130_and_told_how_to_go_on(
    pictures, finished, tmp_path
):
    """Fault 19: the terminal sends SIGINT to all processes of the batch, workers too."""
    pid, terminal = pty.fork()
    if pid == 0:
        command = [*COMMAND, str(pictures), str(tmp_path), "--method", "otsu"]
        os.execv(sys.executable, command)  # noqa: S606 - the child of the fork
    _until(lambda: any(tmp_path.rglob("*.labels.png")))
    os.write(terminal, b"\x03")
    said = _read(terminal)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)

    assert os.waitstatus_to_exitcode(status) == 130
    assert "the same command goes on" in " ".join(said.split())
    assert run(pictures, tmp_path, "--method", "otsu")[0] == 0
    assert tree(tmp_path) == finished


def test_batch_when_inputs_vanish_meanwhile_then_they_alone_fail(tmp_path):
    """Fault 20: whatever a thread deletes under it, each input is done or listed."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(60):
        cv2.imwrite(str(folder / f"{number:02}.png"), np.full((24, 32), number, np.uint8))
    with start(folder, tmp_path / "out", "--method", "otsu", "--json") as process:
        first = process.stdout.readline()
        thief = Thread(target=lambda: [path.unlink() for path in sorted(folder.iterdir())[30:]])
        thief.start()
        out, err = process.stdout.read(), process.stderr.read()
        thief.join()

    done = len(list((tmp_path / "out").glob("*.labels.png")))
    failures = tmp_path / "out/failures.jsonl"
    failed = len(failures.read_text().splitlines()) if failures.exists() else 0
    assert process.returncode in (0, 3), err
    assert (process.returncode == 3) == (failed > 0)
    assert done >= 30
    assert len({line for line in [first, *out.splitlines()] if '"input"' in line}) == done + failed
    assert not list(findings(root_of(str(tmp_path / "out")), Verified()))


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs a second file system")
def test_batch_when_outputs_are_on_another_file_system_then_the_same_tree(
    pictures, finished, tmp_path
):
    """Fault 22: temporary files lie beside their final names, so a rename never crosses."""
    folder = SHARED / f"pixelwise-test-{os.getpid()}"
    assert tmp_path.stat().st_dev != SHARED.stat().st_dev
    try:
        assert run(pictures, folder, "--method", "otsu")[0] == 0
        assert tree(folder) == finished
    finally:
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads /proc")
def test_batch_when_one_worker_is_killed_then_nothing_is_lost(tmp_path):
    """Fault 2: what it had is tried once more; the others go on."""
    (tmp_path / "in").mkdir()
    for number in range(60):
        noise = np.random.default_rng(number).integers(0, 255, (300, 300, 3), np.uint8)
        cv2.imwrite(str(tmp_path / f"in/{number}.png"), noise)
    command = (tmp_path / "in", tmp_path / "out", "--method", "slic", "--workers", "2", "--json")
    with start(*command) as process:
        process.stdout.readline()
        victim, *_ = _children(process.pid)
        os.kill(int(victim), signal.SIGKILL)
        said, err = process.communicate(timeout=100)
    assert (process.returncode, err) == (0, "")
    assert '"failed": 0' in said.splitlines()[-1]
    assert run(tmp_path / "in", tmp_path / "calm", "--method", "slic")[0] == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "calm")


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads /proc")
def test_batch_when_a_network_runs_then_threads_stay_few(tmp_path, model_dir):
    """Fault 24: a worker works with one thread; the rest wait: writer, watcher, Python."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(200):
        picture = np.random.default_rng(number).integers(0, 255, (256, 256, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number}.jpg"), picture)
    env = {"PIXELWISE_MODEL_PATH": str(model_dir)}
    command = (folder, tmp_path / "out", "--model", "selfie", "--offline", "--workers", "2")
    with start(*command, "--json", env=env) as process:
        process.stdout.readline()
        busy = [_busy_threads(child) for child in _children(process.pid)]
        process.stdout.read()
    assert process.returncode == 0
    assert len(busy) >= 2
    assert max(busy) <= 2


def _children(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [
        child for child in listed if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def _busy_threads(pid):
    """Return how many threads of a process took part in a tenth of a second of its work."""

    def used():
        ticks = {}
        for place in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):  # it has just ended
                row = (place / "stat").read_text().rpartition(")")[2]
                ticks[place.name] = sum(map(int, row.split()[11:13]))
        return ticks

    before = used()
    time.sleep(0.3)
    after = used()
    return sum(after[name] > before.get(name, 0) for name in after)


@pytest.mark.parametrize(
    ("env", "closed"),
    [
        ({"LC_ALL": "C", "LANG": "C"}, False),
        ({"HOME": ""}, False),
        ({"TMPDIR": "/nowhere"}, False),
        ({}, True),
    ],
    ids=["locale C", "no HOME", "no TMPDIR", "stdin closed"],
)
def test_batch_when_the_surroundings_are_poor_then_done_all_the_same(
    pictures, finished, tmp_path, env, closed
):
    """Bad input 112, for one picture with a name that is no ASCII."""
    (tmp_path / "in").mkdir()
    name = "für Zoë.png"
    (tmp_path / "in" / name).write_bytes((pictures / "p0.png").read_bytes())
    program = COMMAND
    if closed:
        program = ("sh", "-c", 'exec "$@" <&-', "sh", *COMMAND)
    code, _, err = run(
        tmp_path / "in", tmp_path / "out", "--method", "otsu", env=env, program=program
    )

    assert code == 0, err
    assert tree(tmp_path / "out")[f"{name}.labels.png"] == finished["p0.png.labels.png"]


def test_batch_when_stdout_is_closed_then_the_work_goes_on(pictures, finished, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    process = start(pictures, tmp_path, "--method", "otsu", "--json", stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=100)

    assert (process.returncode, err) == (0, "")
    assert tree(tmp_path) == finished


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "IN"),
        (("in", "out", "--metod", "otsu"), 2, "--method"),
        (("in", "in/p0.png", "--method", "otsu"), 7, "cannot be made"),
        (("in", "out", "--workers", "1000"), 2, "256"),
        (("in", "out", "--workers", "-1"), 2, "workers"),
    ],
)
def test_batch_when_called_wrongly_then_one_line_and_nothing_written(
    pictures, tmp_path, monkeypatch, arguments, code, said
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/p0.png").write_bytes((pictures / "p0.png").read_bytes())
    before = tree(tmp_path)

    got, out, err = run(*arguments)

    assert got == code
    assert said in err
    assert (out, err.count("\n")) == ("", 1)
    assert tree(tmp_path) == before


def test_batch_when_ctrl_c_comes_twice_then_it_ends_all_the_same(pictures, tmp_path):
    process = start(pictures, tmp_path, "--method", "otsu", "--json")
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)


def _until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _read(terminal):
    parts = []
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the other side has closed it
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()
