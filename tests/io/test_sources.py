"""What is no file, or changes under our hands: bad inputs 37 to 40 of the contract."""

import os
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.errors import InputError, LimitError
from pixelwise.io import sources
from pixelwise.io.files import read, write
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits
from pixelwise.io.sources import read_bytes, shown

PICTURE = Image(np.arange(12, dtype=np.uint8).reshape(3, 4))
unix = pytest.mark.skipif(os.name == "nt", reason="needs the special files of Unix")


def refused(path):
    start = time.monotonic()
    with pytest.raises(InputError) as caught:
        read(path)
    assert time.monotonic() - start < 1
    return caught.value.reason


@unix
def test_what_is_no_file_is_refused_without_blocking(tmp_path, monkeypatch):
    loop, pipe, door = tmp_path / "loop.png", tmp_path / "pipe.png", tmp_path / "d.png"
    loop.symlink_to(loop)
    os.mkfifo(pipe)
    assert refused(loop) == "link"
    assert refused(pipe) == "kind"
    assert refused(Path("/dev/zero")) == "kind"
    assert refused(tmp_path) == "kind"
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)
        server.bind("d.png")
        assert refused(door) == "kind"


def test_missing_file_is_an_input_error(tmp_path):
    assert refused(tmp_path / "no.png") == "missing"
    assert refused(tmp_path / "no" / "no.png") == "missing"
    assert refused(tmp_path / ("a" * 300 + ".png")) == "missing"
    assert refused("a\0b.png") == "missing"


@unix
def test_file_without_permission_is_an_input_error(tmp_path):
    path = tmp_path / "a.png"
    write(path, PICTURE)
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may read everything
    try:
        assert refused(path) == "permission"
    finally:
        os.seteuid(user)


@unix
@pytest.mark.parametrize(
    "name",
    [b"\xff\xfe.png", b"a\nb.png", b"a" * 251 + b".png", "\u202egnp.png".encode(), b"-rf.png",
     b"a b'c\".png", b"%s{0}.png"],
)  # fmt: skip
def test_good_picture_under_an_odd_name_is_read(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    write(path, PICTURE)
    assert np.array_equal(read(path).pixels, PICTURE.pixels)
    path.write_bytes(b"rubbish")
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).isprintable()
    str(caught.value).encode("utf-8")


def test_names_are_escaped():
    assert shown("a\r\x1b[31m\udcff\u200f") == "a\\r\\x1b[31m\\udcff\\u200f"
    assert shown("Grüße 猫.png") == "Grüße 猫.png"


def test_file_that_changes_while_it_is_read_is_an_input_error(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    write(path, PICTURE)
    plain = os.read

    def growing(handle, count):
        with path.open("ab") as file:
            file.write(b"more")
        return plain(handle, count)

    monkeypatch.setattr(sources.os, "read", growing)
    with pytest.raises(InputError) as caught:
        read_bytes(path, 1 << 20)
    assert caught.value.reason == "changed"


def test_file_over_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(LimitError, match="over the limit"):
        read(path)
    with pytest.raises(LimitError):
        read(path, Reading(limits=Limits(file_bytes=10)))


def test_no_handle_is_left_open(tmp_path):
    path = tmp_path / "a.png"
    write(path, PICTURE)
    handles = Path("/proc/self/fd")
    before = len(list(handles.iterdir())) if handles.is_dir() else 0
    for _ in range(20):
        read(path)
        with pytest.raises(InputError):
            read(tmp_path)
    after = len(list(handles.iterdir())) if handles.is_dir() else 0
    assert after == before
