import os
from itertools import islice

import pytest

from pixelwise.batch import finished
from pixelwise.batch.disk import Disk
from pixelwise.batch.inputs import items_of, refuse_overlap
from pixelwise.batch.items import Item, OnDisk
from pixelwise.errors import InputError, UsageError


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    for name in ("a.jpg", "a.png", "sub/a.jpg", ".hidden/b.jpg", "sub/notes.txt", "out/c.png"):
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return made


def names(source, output):
    return sorted(item.name for item in items_of(str(source), Disk(str(output))))


def test_items_when_folder_then_pictures_below_it_without_the_outputs(folder):
    assert names(folder, folder / "out") == ["a.jpg", "a.png", "sub/a.jpg"]


def test_items_when_glob_then_named_below_its_fixed_part(folder):
    assert names(folder / "**/*.jpg", folder / "out") == ["a.jpg", "sub/a.jpg"]
    assert names(folder / "s*/*.jpg", folder / "out") == ["sub/a.jpg"]


def test_items_when_list_then_no_path_leaves_the_output_folder(folder, tmp_path):
    listing = tmp_path / "list.txt"
    listing.write_text(f"in/a.jpg\n\n{folder / 'a.png'}\nin/../../b.jpg\n")

    items = list(items_of(f"@{listing}", Disk("out")))

    assert [item.name for item in items] == ["in/a.jpg", f"{folder / 'a.png'}"[1:], "b.jpg"]
    assert [item.size for item in items] == [5, 5, -1]


def test_items_when_a_list_says_a_place_twice_then_once_and_two_of_one_name_are_refused(tmp_path):
    listing = tmp_path / "list.txt"
    listing.write_text("a.png\nb.png\na.png\n")
    assert names(f"@{listing}", "out") == ["a.png", "b.png"]
    listing.write_text("a.png\n./a.png\n")
    with pytest.raises(InputError, match=r"written to one a\.png"):
        names(f"@{listing}", "out")


def test_items_when_one_file_then_it_alone(folder, tmp_path):
    assert names(folder / "a.jpg", tmp_path / "out") == ["a.jpg"]


@pytest.mark.parametrize("source", ["nowhere", "@nowhere.txt"])
def test_items_when_missing_then_error(source, tmp_path):
    with pytest.raises(InputError, match="no such"):
        items_of(source, Disk("out"))


def test_overlap_when_outputs_among_inputs_then_refused(folder):
    refuse_overlap(str(folder), Disk(str(folder / "out")))
    for output in (folder, folder.parent):
        with pytest.raises(UsageError, match="beside or below"):
            refuse_overlap(str(folder), Disk(str(output)))


def test_key_when_the_file_changes_then_another(folder, tmp_path):
    (before,) = items_of(str(folder / "a.jpg"), Disk("out"))
    os.utime(folder / "a.jpg", ns=(0, 12345))
    (after,) = items_of(str(folder / "a.jpg"), Disk("out"))

    assert before.key != after.key
    assert before.key == Item(before.name, OnDisk(folder), before.size, before.version).key


def test_items_when_very_many_then_memory_is_a_few_bytes_each(tmp_path, monkeypatch):
    import tracemalloc

    monkeypatch.setattr(finished, "FRESH", 500)
    listing = tmp_path / "list.txt"
    listing.write_text("".join(f"x/{number}.png\n" for number in range(20_000)))
    items = items_of(f"@{listing}", Disk("out"))
    tracemalloc.start()
    count = sum(1 for _ in islice(items, 19_999))
    ours = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/batch/*")])
    tracemalloc.stop()

    assert count == 19_999
    assert sum(trace.size for trace in ours.traces) < 20_000 * 32 * 1.5  # two keys of 16 bytes


def test_items_when_a_list_names_a_file_twice_then_once(tmp_path):
    (tmp_path / "list.txt").write_text("a.png\nb.png\na.png\n")
    items = items_of(f"@{tmp_path / 'list.txt'}", Disk("out"))
    assert [item.name for item in items] == ["a.png", "b.png"]


def test_items_when_a_list_names_two_files_for_one_place_then_refused(tmp_path):
    (tmp_path / "list.txt").write_text("a.png\n../a.png\n")
    with pytest.raises(InputError, match="one"):
        list(items_of(f"@{tmp_path / 'list.txt'}", Disk("out")))
