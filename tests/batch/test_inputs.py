import os

import pytest

from pixelwise.batch.inputs import Item, items_of, refuse_overlap
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
    return sorted(item.name for item in items_of(str(source), output))


def test_items_when_folder_then_pictures_below_it_without_the_outputs(folder):
    assert names(folder, folder / "out") == ["a.jpg", "a.png", "sub/a.jpg"]


def test_items_when_glob_then_named_below_its_fixed_part(folder):
    assert names(folder / "**/*.jpg", folder / "out") == ["a.jpg", "sub/a.jpg"]
    assert names(folder / "s*/*.jpg", folder / "out") == ["sub/a.jpg"]


def test_items_when_list_then_no_path_leaves_the_output_folder(folder, tmp_path):
    listing = tmp_path / "list.txt"
    listing.write_text(f"in/a.jpg\n\n{folder / 'a.png'}\nin/../../b.jpg\n")

    items = list(items_of(f"@{listing}", tmp_path / "out"))

    assert [item.name for item in items] == ["in/a.jpg", f"{folder / 'a.png'}"[1:], "b.jpg"]
    assert [item.size for item in items] == [5, 5, -1]


def test_items_when_one_file_then_it_alone(folder, tmp_path):
    assert names(folder / "a.jpg", tmp_path / "out") == ["a.jpg"]


@pytest.mark.parametrize("source", ["nowhere", "@nowhere.txt"])
def test_items_when_missing_then_error(source, tmp_path):
    with pytest.raises(InputError, match="no such"):
        items_of(source, tmp_path)


def test_overlap_when_outputs_among_inputs_then_refused(folder):
    refuse_overlap(str(folder), folder / "out")
    for output in (folder, folder.parent):
        with pytest.raises(UsageError, match="beside or below"):
            refuse_overlap(str(folder), output)


def test_key_when_the_file_changes_then_another(folder, tmp_path):
    (before,) = items_of(str(folder / "a.jpg"), tmp_path)
    os.utime(folder / "a.jpg", ns=(0, 12345))
    (after,) = items_of(str(folder / "a.jpg"), tmp_path)

    assert before.key != after.key
    assert before.key == Item(before.name, folder, before.size, before.mtime_ns).key


def test_items_when_a_million_then_memory_is_flat(tmp_path):
    import tracemalloc

    (tmp_path / "list.txt").write_text("x/a.png\n" * 4_000)
    tracemalloc.start()
    count = sum(1 for _ in items_of(f"@{tmp_path / 'list.txt'}", tmp_path / "out"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 4_000
    assert peak < 60_000  # 15 bytes an item would pass that
