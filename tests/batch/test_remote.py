"""Inputs and outputs that are no paths: web servers, object stores, all that fsspec knows."""

import os
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from pixelwise.batch.disk import Disk
from pixelwise.batch.inputs import items_of, refuse_overlap, root_of
from pixelwise.batch.items import GONE
from pixelwise.errors import InputError, LimitError, MissingExtra, UsageError
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits

from .conftest import run, tree

fsspec = pytest.importorskip("fsspec")

LENIENT = (sys.executable, "-m", "pixelwise", "batch")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def web(folder):
    """Give the address of a web server of a folder."""
    pytest.importorskip("aiohttp")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def store(tmp_path):
    """Return the environment of an S3 server of this machine with an empty bucket."""
    pytest.importorskip("s3fs")
    pytest.importorskip("moto")
    code = (
        "from moto.server import ThreadedMotoServer as S; import sys; s = S('127.0.0.1', 0);"
        "s.start(); print('PORT', s.get_host_and_port()[1], flush=True); sys.stdin.read(); s.stop()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        port = next(line.split()[1] for line in server.stdout if line.startswith("PORT"))
        env = {
            "FSSPEC_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        yield env
        server.stdin.close()


def in_store(env, code):
    """Run a line with ``fs``, the store, and return what it printed."""
    start = "import fsspec; fs = fsspec.filesystem('s3'); "
    done = subprocess.run(
        [sys.executable, "-c", start + code],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_batch_when_the_store_is_s3_then_as_on_the_disk(pictures, finished, tmp_path, store):
    """Killed half way, gone on, then damaged and verified: as with folders."""
    in_store(
        store,
        "fs.mkdir('pictures'); fs.mkdir('results');"
        f"fs.put({sorted(map(str, pictures.glob('p*.*')))}, 'pictures/x/')",
    )
    command = ("s3://pictures/x", "s3://results/here", "--method", "otsu", "--workers", "1")
    env = {**store, "PIXELWISE_FAILPOINT": "before_journal:4"}
    assert run(*command, env=env, program=LENIENT)[0] == -9

    code, _, err = run(*command, env=store, program=LENIENT)

    assert code == 0, err
    in_store(
        store,
        f"fs.get('results/here/', '{tmp_path}/back/', recursive=True);"
        "fs.rm('results/here/p0.png.labels.png');"
        "fs.pipe('results/here/p1.bmp.labels.png', b'x')",
    )
    there = tree(tmp_path / "back")
    outputs = {name: finished[name] for name in there if "labels" in name}
    assert len(outputs) == len(list(pictures.glob("p*.*")))
    assert there == {**outputs, "journal.jsonl": there["journal.jsonl"]}
    verify = (*LENIENT[:-1], "verify")
    code, said, _ = run("s3://results/here", env=store, program=verify)
    assert code == 3
    assert said.splitlines()[:2] == ["missing: p0.png.labels.png", "changed: p1.bmp.labels.png"]


def test_batch_when_a_web_server_lists_pictures_then_they_are_done(pictures, finished, tmp_path):
    with web(pictures) as address:
        code, _, err = run(f"{address}/", tmp_path / "out", "--method", "otsu", program=LENIENT)
    assert code == 0, err
    outputs = {name: value for name, value in finished.items() if "labels" in name}
    assert {
        name: value for name, value in tree(tmp_path / "out").items() if "labels" in name
    } == outputs


def test_batch_when_a_list_names_addresses_then_named_after_them(pictures, tmp_path):
    picture = next(pictures.glob("*.png"))
    with web(pictures) as address:
        (tmp_path / "list.txt").write_text(f"{address}/{picture.name}\n{address}/gone.png\n")
        code, _, err = run(
            f"@{tmp_path}/list.txt", tmp_path / "out", "--method", "otsu", program=LENIENT
        )
    host = address.removeprefix("http://")
    assert (tmp_path / "out" / host / f"{picture.name}.labels.png").is_file()
    assert code == 3, err
    assert "gone.png" in err


def test_batch_when_the_output_is_a_web_server_then_2(pictures, tmp_path):
    with web(tmp_path) as address:
        code, _, err = run(
            pictures / "p0.png", f"{address}/out", "--method", "otsu", program=LENIENT
        )
    assert code == 2
    assert "only be read" in err


def test_batch_when_file_addresses_then_the_same_tree(pictures, finished, tmp_path):
    code, _, err = run(f"file://{pictures}", f"file://{tmp_path}/out", "--method", "otsu")
    assert code == 0, err
    outputs = {name: value for name, value in finished.items() if "labels" in name}
    assert {
        name: value for name, value in tree(tmp_path / "out").items() if "labels" in name
    } == outputs


@pytest.fixture
def memory():
    """Return a store in this process."""
    system = fsspec.filesystem("memory")
    for name in ("a.png", "sub/b.jpg", "sub/c.txt", "out/d.png"):
        system.pipe(f"/here/{name}", name.encode())
    yield system
    system.rm("/here", recursive=True)


def names(source, output="memory://here/out"):
    return sorted(item.name for item in items_of(source, root_of(output)))


def test_items_when_store_then_pictures_below_it_without_the_outputs(memory):
    assert names("memory://here") == ["a.png", "sub/b.jpg"]
    assert names("memory://here/sub/b.jpg") == ["b.jpg"]
    assert names("memory://here/**/*.jpg") == ["sub/b.jpg"]
    assert names("memory://nowhere") == []
    assert names("memory://here", "out") == ["a.png", "out/d.png", "sub/b.jpg"]


def test_state_when_an_object_changes_or_goes_then_said(memory, monkeypatch):
    (item,) = items_of("memory://here/a.png", Disk("out"))
    assert item.origin.state() == (item.size, item.version)
    memory.pipe("/here/a.png", b"longer than before")
    assert item.origin.state() != (item.size, item.version)
    with pytest.raises(LimitError, match="limit"):
        item.origin.read(Reading(limits=Limits(file_bytes=3)))
    with pytest.raises(InputError):
        item.origin.read(Reading())
    memory.rm("/here/a.png")
    assert item.origin.state() == GONE
    memory.pipe("/here/a.png", b"for the end")


def test_overlap_when_outputs_among_inputs_then_refused(memory):
    refuse_overlap("memory://here", root_of("memory://here/out"))
    refuse_overlap("memory://here", root_of("memory://here2"))
    with pytest.raises(UsageError, match="beside or below"):
        refuse_overlap("memory://here/sub", root_of("memory://here"))


def test_root_when_its_package_is_missing_then_it_is_named():
    with pytest.raises(MissingExtra, match="abfs"):
        list(root_of("abfs://container/x").items(skip=""))
    with pytest.raises(UsageError, match="nosuch"):
        list(root_of("nosuch://x/y").items(skip=""))


def test_batch_when_the_extra_is_missing_then_the_pip_line_is_named(pictures):
    blocked = "import sys; sys.modules['fsspec'] = None; from pixelwise.cli import main; main()"
    code, _, err = run(
        pictures, "s3://bucket/out", program=(sys.executable, "-c", blocked, "batch")
    )
    assert code == 2
    assert "pip install 'pixelwise[remote]'" in err
