"""The lock of stores: one owner, that of the killed is free again, who was slow loses it."""

import time

import pytest

from pixelwise.batch import lease
from pixelwise.batch.lease import Lease
from pixelwise.batch.places import LOCK
from pixelwise.errors import OutputError, UsageError

from .conftest import run, start

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def system(monkeypatch):
    """Return a store in this process, and let leases hurry."""
    monkeypatch.setattr(lease, "BEAT_S", 0.05)
    monkeypatch.setattr(lease, "PATIENCE_S", 0.3)
    made = fsspec.filesystem("memory")
    made.makedirs("/there", exist_ok=True)
    yield made
    made.rm("/there", recursive=True)


def leased(system):
    return Lease(system, "/there", (OSError,))


def test_lease_when_free_then_held_and_gone_afterwards(system):
    with leased(system) as mine:
        first = system.cat_file(f"/there/{LOCK}")
        time.sleep(0.3)
        assert system.cat_file(f"/there/{LOCK}") != first
        mine.check()
    assert not system.exists(f"/there/{LOCK}")


def test_lease_when_its_owner_lives_then_refused(system):
    with leased(system) as mine:
        with (
            pytest.raises(UsageError, match="another process is writing to /there"),
            leased(system),
        ):
            pass
        mine.check()


def test_lease_when_its_owner_was_killed_then_taken_over(system):
    system.pipe_file(f"/there/{LOCK}", b'{"owner": "a dead one", "beat": 7}')
    with leased(system) as mine:
        mine.check()


def test_lease_when_taken_over_then_the_first_owner_stops_and_leaves_it(system):
    with leased(system) as mine:
        system.pipe_file(f"/there/{LOCK}", b'{"owner": "another", "beat": 1}')
        time.sleep(0.3)
        with pytest.raises(OutputError, match="taken /there over"):
            mine.check()
    assert b"another" in system.cat_file(f"/there/{LOCK}")


def test_batch_when_another_works_in_the_same_folder_of_a_store_then_2(pictures, tmp_path):
    out = f"file://{tmp_path}/out"
    first = start(pictures, out, "--method", "otsu", "--json", "--watch", "--workers", "1")
    try:
        first.stdout.readline()
        code, _, err = run(pictures, out, "--method", "otsu")
    finally:
        first.terminate()
        first.communicate(timeout=60)
    assert code == 2
    assert "another process is writing to" in err
    assert not (tmp_path / "out" / LOCK).exists()
