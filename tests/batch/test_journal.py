import json
import time
from pathlib import Path

import pytest

from pixelwise.batch.items import Item, OnDisk
from pixelwise.batch.job import Stamp
from pixelwise.batch.journal import Journal, recorded
from pixelwise.batch.outcomes import Done, Failed, Output
from pixelwise.errors import InputError, UsageError

STAMP = Stamp("otsu", "labels", "0.1.0", "00")


def item(name, mtime_ns=1):
    return Item(name, OnDisk(Path(name)), 3, mtime_ns)


def done(name, mtime_ns=1):
    return Done(item(name, mtime_ns), (Output(f"{name}.labels.png", 9, "ab"),))


def failed(name):
    return Failed.of(item(name), InputError("broken", reason="truncated"))


def test_journal_when_opened_again_then_it_knows_what_is_done(tmp_path):
    with Journal(tmp_path, STAMP) as journal:
        journal.append([done("a"), failed("b")])
    with Journal(tmp_path, STAMP) as journal:
        assert item("a").key in journal.done
        assert item("a", mtime_ns=2).key not in journal.done
        assert item("b").key in journal.failed
    assert item("a").key in recorded(tmp_path, STAMP)


@pytest.mark.parametrize("cut", [2, 5, 40])
def test_journal_when_the_last_line_is_torn_then_only_that_item_is_lost(tmp_path, cut):
    with Journal(tmp_path, STAMP) as journal:
        journal.append([done("a"), done("b")])
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])

    with Journal(tmp_path, STAMP) as journal:
        assert item("a").key in journal.done
        assert item("b").key not in journal.done
        journal.append([done("c")])
    with Journal(tmp_path, STAMP) as journal:
        assert item("c").key in journal.done
        assert len(journal.done) == 2


def test_journal_when_one_bit_flips_then_that_line_does_not_count(tmp_path):
    with Journal(tmp_path, STAMP) as journal:
        journal.append([done("a"), done("b")])
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"a.labels", b"e.labels"))

    assert len(recorded(tmp_path, STAMP)) == 1


def test_journal_when_another_job_then_refused_and_told_why(tmp_path):
    with Journal(tmp_path, STAMP) as journal:
        journal.append([done("a")])
    other = Stamp("li", "mask", "0.1.0", "11")
    with pytest.raises(UsageError, match=r"otsu, not li; --save labels, not mask.*--force"):
        Journal(tmp_path, other)
    with pytest.raises(UsageError, match="other settings"):
        Journal(tmp_path, Stamp("otsu", "labels", "0.1.0", "11"))
    with Journal(tmp_path, other, anew=True) as journal:
        assert len(journal.done) == 0


def test_journal_when_another_process_has_it_then_refused(tmp_path):
    with Journal(tmp_path, STAMP), pytest.raises(UsageError, match="another process"):
        Journal(tmp_path, STAMP)


def test_journal_when_the_first_line_is_damaged_then_refused(tmp_path):
    (tmp_path / "journal.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="first line"):
        Journal(tmp_path, STAMP)


def test_finish_when_other_orders_and_repeats_then_the_same_bytes(tmp_path):
    orders = (["a", "b", "c"], ["c", "a", "b", "a"])
    for number, names in enumerate(orders):
        folder = tmp_path / str(number)
        folder.mkdir()
        with Journal(folder, STAMP) as journal:
            journal.append([done("a", mtime_ns=7)])
            for name in names:
                journal.append([done(name)])
            journal.finish()
    first, second = ((tmp_path / name / "journal.jsonl").read_bytes() for name in "01")

    assert first == second
    assert first.count(b"\n") == 4
    assert b"failures.jsonl" not in [path.name for path in (tmp_path / "0").iterdir()]


def test_finish_when_some_failed_then_listed_and_tried_again(tmp_path):
    with Journal(tmp_path, STAMP) as journal:
        journal.append([done("a"), failed("b")])
        journal.finish()
    line = json.loads((tmp_path / "failures.jsonl").read_text())

    assert (line["input"], line["error"], line["reason"]) == ("b", "InputError", "truncated")
    with Journal(tmp_path, STAMP) as journal:
        assert len(journal.failed) == 0
        journal.append([done("b")])
        journal.finish()
    assert not (tmp_path / "failures.jsonl").exists()


def test_journal_when_ten_thousand_are_done_then_opened_in_a_second(tmp_path):
    with Journal(tmp_path, STAMP) as journal:
        journal.append(done(str(number)) for number in range(10_000))
    start = time.perf_counter()
    with Journal(tmp_path, STAMP) as journal:
        assert len(journal.done) == 10_000
    assert time.perf_counter() - start < 2.0  # measured: 0.2 s; other tests may run beside it
