"""Files appear whole or not at all."""

import os
import stat

import pytest

from pixelwise.cards.placing import place, temporary_beside, write_text


def test_place_when_power_may_fail_then_file_rename_folder_in_that_order(tmp_path, monkeypatch):
    seen = []
    fsync, rename = os.fsync, os.replace
    kind = lambda handle: "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
    monkeypatch.setattr(os, "fsync", lambda handle: (seen.append(kind(handle)), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda *names: (seen.append("rename"), rename(*names)))
    temporary = temporary_beside(tmp_path / "toy")
    temporary.write_bytes(b"one")

    place(temporary, tmp_path / "toy")

    assert seen == ["file", "rename", "folder"]
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]


def test_temporary_names_differ_each_time(tmp_path):
    assert temporary_beside(tmp_path / "a") != temporary_beside(tmp_path / "a")


def test_write_when_name_is_taken_by_a_folder_then_nothing_is_left(tmp_path):
    (tmp_path / "toy").mkdir()

    with pytest.raises(OSError, match="toy"):
        write_text(tmp_path / "toy", "one")

    assert [path.name for path in tmp_path.iterdir()] == ["toy"]
