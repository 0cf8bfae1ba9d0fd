"""The lock is a courtesy: it waits, it is not left behind, and nothing fails without it."""

import threading
import time

from pixelwise.cards.locking import courtesy_lock


def test_lock_when_two_want_it_then_one_after_the_other(tmp_path):
    inside, most = [], []

    def work():
        with courtesy_lock(tmp_path / ".lock", done=lambda: False):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.05)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1, 1, 1, 1]
    assert not (tmp_path / ".lock").exists()


def test_lock_when_nothing_is_left_to_do_then_no_more_waiting(tmp_path):
    with courtesy_lock(tmp_path / ".lock", done=lambda: False):
        start = time.monotonic()
        with courtesy_lock(tmp_path / ".lock", done=lambda: True):
            pass

        assert time.monotonic() - start < 1.0
        assert (tmp_path / ".lock").exists()


def test_lock_when_folder_is_missing_then_works_without(tmp_path):
    with courtesy_lock(tmp_path / "nowhere" / ".lock", done=lambda: False):
        pass
