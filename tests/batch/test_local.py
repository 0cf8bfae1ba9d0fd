import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

POISON = Path(__file__).with_name("poison.py")


def poisoned(folder, tmp_path, deadline=60.0):
    done = subprocess.run(
        [sys.executable, POISON, folder, tmp_path / "out", str(deadline)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    failures = [
        json.loads(line) for line in (tmp_path / "out/failures.jsonl").read_text().splitlines()
    ]
    return {line["input"]: line["reason"] or line["error"] for line in failures}, done.stdout


@pytest.fixture
def folder(pictures, tmp_path):
    """Ten good pictures."""
    made = tmp_path / "in"
    made.mkdir()
    for path in sorted(pictures.glob("*.png"))[:10]:
        shutil.copy(path, made)
    return made


def test_run_when_items_are_poison_then_they_alone_fail(folder, tmp_path):
    good = len(list(folder.iterdir()))
    for kind in ("DIE", "BUG", "GONE", "JUNK"):
        (folder / f"{kind}.png").write_text(kind)
    (folder / "GROW.png").write_bytes(b"GROW")

    failures, said = poisoned(folder, tmp_path)

    assert failures == {
        "DIE.png": "worker_died",
        "BUG.png": "ZeroDivisionError",
        "GONE.png": "missing",
        "JUNK.png": "invalid",
        "GROW.png": "invalid",
    }
    assert said.split() == [str(good), "5"]
    assert len(list((tmp_path / "out").glob("*.labels.png"))) == good


def test_run_when_an_item_hangs_then_it_is_killed_and_put_aside(folder, tmp_path):
    (folder / "HANG.png").write_text("HANG")
    start = time.monotonic()

    failures, _ = poisoned(folder, tmp_path, deadline=1.5)

    assert failures == {"HANG.png": "deadline"}
    assert time.monotonic() - start < 11 * 1.5 + 10
