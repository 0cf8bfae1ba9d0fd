"""Threads that keep the order, hand on errors, and end."""

import threading
import time

import pytest

from pixelwise.pipeline import Mailbox, Worker, ahead


def test_ahead_when_chained_then_the_order_is_kept():
    squares = ahead(number * number for number in ahead(range(50)))
    assert list(squares) == [number * number for number in range(50)]


def test_ahead_when_not_asked_then_only_a_few_are_made():
    made = []

    def numbers():
        for number in range(1000):
            made.append(number)
            yield number

    items = ahead(numbers(), depth=2)
    assert next(items) == 0
    time.sleep(0.05)
    assert len(made) <= 4
    items.close()


def test_ahead_when_an_item_fails_then_raised_in_its_place():
    def numbers():
        yield 1
        raise ValueError("two")

    items = ahead(ahead(numbers()))
    assert next(items) == 1
    with pytest.raises(ValueError, match="two"):
        next(items)


def test_ahead_when_closed_then_all_threads_end_and_sources_are_closed():
    closed = []

    def endless():
        try:
            while True:
                yield 0
        finally:
            closed.append(True)

    before = threading.active_count()
    items = ahead(number for number in ahead(endless()))
    next(items)
    items.close()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before
    assert closed == [True]


def test_mailbox_when_nobody_takes_then_the_newest_stays():
    box = Mailbox()
    for number in range(5):
        box.put(number)
    assert box.take(1) == 4
    assert box.dropped == 4
    assert box.take(0.01) is None


def test_worker_when_slow_then_older_items_are_dropped_and_the_last_is_done():
    done = []

    def slowly(number):
        time.sleep(0.03)
        done.append(number)

    worker = Worker(slowly)
    for number in range(20):
        worker.put(number)
        time.sleep(0.002)
    worker.close()
    assert done[-1] == 19
    assert len(done) + worker.dropped == 20
    assert worker.dropped > 5


def test_worker_when_its_work_fails_then_raised_at_the_next_call():
    def broken(_):
        raise ValueError("no")

    worker = Worker(broken)
    worker.put(1)
    with pytest.raises(ValueError, match="no"):
        worker.close()
