"""Where files come from, what is refused, and faults 6, 7 and 8."""

import hashlib
import os
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pixelwise.cards import Store, StoreWarning
from pixelwise.errors import LicenceError, ModelError
from tests.cards.conftest import MODEL

pytestmark = pytest.mark.usefixtures("server")


@pytest.fixture
def no_network(monkeypatch):
    """Any socket, name look-up or child process is a failure."""

    def forbidden(*_args, **_kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    monkeypatch.setattr(subprocess, "Popen", forbidden)


def test_path_when_file_is_in_model_path_then_no_download(server, toy, store_at, tmp_path):
    (tmp_path / "toy.tflite").write_bytes(MODEL)

    path = store_at(tmp_path / "cache", tmp_path).path(toy)

    assert path == tmp_path / "toy.tflite"
    assert server.ranges == []
    assert not (tmp_path / "cache").exists()


def test_path_when_pulled_once_then_second_call_needs_no_server(server, toy, store):
    first = store.path(toy)

    assert store.path(toy, offline=True) == first == store.find_local(toy)
    assert len(server.ranges) == 1


def test_path_when_file_in_model_path_is_another_then_passed_over_and_said(
    server, toy, store_at, tmp_path
):
    (tmp_path / "toy.tflite").write_bytes(MODEL[:-1] + b"x")
    said = []

    path = store_at(tmp_path / "cache", tmp_path).path(toy, say=said.append)

    assert path.read_bytes() == MODEL
    assert any("passed over" in line and "sha256" in line for line in said)


def test_path_when_cached_file_is_damaged_then_got_again(server, toy, store):
    path = store.path(toy)
    flip(path, 1000)

    assert store.path(toy) == path

    assert path.read_bytes() == MODEL
    assert len(server.ranges) == 2


def test_path_when_damaged_and_offline_then_error_names_the_hash(toy, store):
    flip(store.path(toy), 1000)

    with pytest.raises(ModelError, match=r"sha256 is [0-9a-f]{64}, not [0-9a-f]{64}"):
        store.path(toy, offline=True)
    assert store.find_local(toy) is None


def test_path_when_one_byte_is_cut_then_error_before_load(toy, store):
    path = store.path(toy)
    path.write_bytes(MODEL[:-1])

    with pytest.raises(ModelError, match="204807 bytes, not 204808"):
        store.path(toy, offline=True)


def test_path_when_damaged_with_time_and_size_restored_then_still_noticed(toy, store):
    path = store.path(toy)
    state = path.stat()
    flip(path, 1000)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    with pytest.raises(ModelError, match="sha256"):
        store.path(toy, offline=True)


def test_find_local_when_file_is_mutated_then_never(toy, store_at, tmp_path):
    store = store_at(None, tmp_path)
    random = np.random.default_rng(0)
    for turn in range(200):
        data = bytearray(MODEL)
        place = int(random.integers(len(data)))
        match turn % 3:
            case 0:
                del data[place:]
            case 1:
                data[place] ^= 1 << int(random.integers(8))
            case _:
                data[place:place] = data[:16]
        (tmp_path / "toy.tflite").write_bytes(data)

        assert store.find_local(toy) is None


@pytest.mark.usefixtures("no_network")
def test_path_when_offline_then_no_socket_and_no_child(card_of, store):
    card = card_of(
        {"url": "https://example.invalid/toy.tflite", "sha256": "0" * 64},
        {"package": "toy", "version": "1.0", "member": "toy/toy.tflite", "sha256": "0" * 64},
    )

    with pytest.raises(ModelError, match="not to be used"):
        store.path(card, offline=True)


@pytest.mark.usefixtures("no_network")
def test_path_when_environment_says_offline_then_no_socket(toy, tmp_path):
    variables = {"PIXELWISE_OFFLINE": "1", "PIXELWISE_CACHE": str(tmp_path / "cache")}
    store = Store.from_environment(variables)

    with pytest.raises(ModelError, match="PIXELWISE_MODEL_PATH"):
        store.path(toy)


@pytest.mark.parametrize(
    ("allowed", "why"), [("no", "may not be used"), ("unclear", "is not plainly free")]
)
def test_path_when_commercial_and_not_allowed_then_licence_error(card_of, store, allowed, why):
    card = card_of(
        {"url": "https://example.invalid/toy.tflite"},
        licence={"weights": "CC-BY-NC", "commercial": allowed, "terms": "research only"},
    )

    with pytest.raises(LicenceError, match=rf"{why}.*research only.*leave --commercial out"):
        store.path(card, commercial=True)


def test_path_says_licence_before_first_download_only(toy, store):
    said = []
    store.path(toy, commercial=True, say=said.append)
    store.path(toy, say=said.append)

    assert said == ["toy: weights MIT; commercial use: yes"]


def test_path_when_first_source_fails_then_next_is_taken(server, card_of, store, tricks):
    sha256 = hashlib.sha256(MODEL).hexdigest()
    server.answers = [tricks.status(404), tricks.plain]
    card = card_of(
        {"url": f"{server.address}/gone.tflite", "sha256": sha256},
        {"url": f"{server.address}/there.tflite", "sha256": sha256},
    )

    assert store.path(card).name == "there.tflite"


def test_path_when_all_sources_fail_then_error_names_each(server, card_of, store, tricks):
    server.answers = [tricks.status(404), tricks.status(403)]
    card = card_of({"url": f"{server.address}/a.onnx"}, {"url": f"{server.address}/b.onnx"})

    with pytest.raises(ModelError, match=r"a.onnx: .*404.*b.onnx: .*403"):
        store.path(card)


def test_path_when_no_hash_is_published_then_pinned_with_warning(server, card_of, store):
    card = card_of({"url": f"{server.address}/toy.tflite"})

    with pytest.warns(StoreWarning, match="taken on trust"):
        path = store.path(card)
    assert store.path(card, offline=True) == path

    flip(path, 1000)
    again = replace(store)
    with pytest.raises(ModelError, match="sha256"):
        again.path(card, offline=True)


def test_path_when_no_hash_is_published_then_files_lying_about_do_not_count(
    card_of, store_at, tmp_path
):
    card = card_of({"url": "https://example.invalid/config.json"})
    store = store_at(None, tmp_path)
    (tmp_path / "config.json").write_text('{"of": "another"}')
    assert not store.is_ready(card)

    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "config.json").write_text('{"of": "toy"}')

    assert store.is_ready(card)
    assert store.find_local(card) == tmp_path / "toy" / "config.json"  # says nothing
    with pytest.warns(StoreWarning, match="for this process only"):
        store.path(card, offline=True)


def test_ready_when_size_is_wrong_then_no(toy, store):
    path = store.path(toy)
    assert store.is_ready(toy)

    path.write_bytes(MODEL[:-1])

    assert not store.is_ready(toy)


def test_path_when_prefix_of_hash_is_published_then_held_to_it(server, card_of, store):
    good = card_of({"url": f"{server.address}/toy.tflite", "prefix": hash_of(MODEL)[:8]})
    bad = card_of({"url": f"{server.address}/toy.tflite", "prefix": "00000000"}, name="bad")

    with pytest.warns(StoreWarning):
        assert store.path(good).is_file()
    with pytest.raises(ModelError, match="should begin with 00000000"):
        store.path(bad)


def test_pull_when_model_has_two_files_then_both_come(server, card_of, store):
    sha256 = hash_of(MODEL)
    card = card_of(
        {"url": f"{server.address}/a.tflite", "sha256": sha256},
        {"url": f"{server.address}/b.tflite", "sha256": sha256, "role": "decoder"},
    )

    paths = store.pull(card)

    assert {role: path.name for role, path in paths.items()} == {
        "model": "a.tflite",
        "decoder": "b.tflite",
    }
    paths["decoder"].unlink()
    assert store.find_local(card) is None


def test_verify_lists_every_copy_with_its_fault(toy, store_at, tmp_path):
    store = store_at(tmp_path / "cache", tmp_path)
    store.path(toy)
    (tmp_path / "toy.tflite").write_bytes(b"")

    faults = {copy.path.parent.name: copy.fault for copy in store.verify(toy)}

    assert faults["toy"] == ""
    assert faults[tmp_path.name] == "it is empty (0 bytes)"


def test_path_when_there_is_no_home_then_temporary_folder_and_one_warning(tmp_path, server, toy):
    code = f"""
        import warnings
        from pixelwise.cards import Card, Store
        card = Card.read("toy", dict(task="foreground", legend="person-2", runtimes=["litert"],
            sources=[dict(url="{server.address}/toy.tflite", sha256="{hash_of(MODEL)}")]))
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            store = Store.from_environment({{}})
            print(store.path(card), store.path(card, offline=True), len(seen), seen[0].message)
    """
    child = run_child(code, env={"TMPDIR": str(tmp_path)})

    first, second, count, *message = child.split()
    assert first == second
    assert Path(first).is_relative_to(tmp_path)
    assert count == "1"
    assert "PIXELWISE_CACHE" in message
    assert list(tmp_path.iterdir()) == []  # gone with the process


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to become nobody")
def test_path_when_cache_is_read_only_then_temporary_folder_and_one_warning(server):
    code = f"""
        import os, pathlib, tempfile, warnings
        import encodings.idna, pixelwise.cards.fetching  # nobody may not read them later
        cache = pathlib.Path(tempfile.mkdtemp())
        os.chmod(cache, 0o755)
        from pixelwise.cards import Card, Store
        card = Card.read("toy", dict(task="foreground", legend="person-2", runtimes=["litert"],
            sources=[dict(url="{server.address}/toy.tflite", sha256="{hash_of(MODEL)}")]))
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            store = Store.from_environment({{"PIXELWISE_CACHE": str(cache)}})
            os.setuid(65534)
            path = store.path(card)
            print(path.read_bytes()[4:8] == b"TFL3", path.is_relative_to(cache), len(seen))
    """

    assert run_child(code, env={}).split() == ["True", "False", "1"]


def test_path_when_cache_is_a_file_then_temporary_folder(toy, store_at, tmp_path, monkeypatch):
    monkeypatch.setattr("pixelwise.cards.folders._TEMPORARY", [])
    (tmp_path / "cache").write_text("in the way")

    with pytest.warns(StoreWarning, match="cannot be written"):
        path = store_at(tmp_path / "cache").path(toy)

    assert path.read_bytes() == MODEL


ROUNDS, PROCESSES = 20, 8
FILLER = """
    import hashlib, os, pathlib, sys, time
    from contextlib import contextmanager
    from pixelwise.cards import Card, Deck, Patience, Store, Where, store
    number, root, address, sha256 = sys.argv[1:]

    @contextmanager
    def no_lock(path, *, done):  # what NFS without a lock daemon does
        yield

    def wait_for_all(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / number).touch()
        while len(os.listdir(folder)) < PROCESSES:
            time.sleep(0.001)

    lock = store.courtesy_lock
    for turn in range(ROUNDS):
        store.courtesy_lock = no_lock if turn % 2 else lock
        card = Card.read("toy", dict(task="foreground", legend="person-2", runtimes=["litert"],
            sources=[dict(url=f"{address}/{turn}/toy.tflite", sha256=sha256)]))
        where = Where((), pathlib.Path(root, str(turn)), (), pathlib.Path("nowhere"), False)
        mine = Store(where, Deck({}), patience=Patience(pause_s=0.01))
        wait_for_all(pathlib.Path(root, "gate", str(turn)))
        print(hashlib.sha256(mine.path(card).read_bytes()).hexdigest())
"""


def test_path_when_processes_fill_the_same_cache_then_all_valid(server, tmp_path):
    code = textwrap.dedent(
        FILLER.replace("PROCESSES", str(PROCESSES)).replace("ROUNDS", str(ROUNDS))
    )
    command = [sys.executable, "-c", code]
    workers = [
        subprocess.Popen(
            [*command, str(number), str(tmp_path), server.address, hash_of(MODEL)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    found = [worker.communicate(timeout=60)[0].split() for worker in workers]

    assert found == [[hash_of(MODEL)] * ROUNDS] * PROCESSES
    for turn in range(ROUNDS):
        folder = tmp_path / str(turn) / "models" / "toy"
        assert [path.name for path in folder.iterdir()] == ["toy.tflite"]
    locked = [server.paths.count(f"/{turn}/toy.tflite") for turn in range(0, ROUNDS, 2)]
    assert max(locked) <= 2


def test_path_when_a_process_died_in_the_middle_then_its_rest_is_cleared_or_used(
    server, toy, store, tmp_path
):
    folder = tmp_path / "cache" / "models" / "toy"
    folder.mkdir(parents=True)
    dead = folder / ".toy.tflite.4711.abcd.part"
    dead.write_bytes(MODEL[:100_000])
    os.utime(dead, (1, 1))

    path = store.path(toy)

    assert path.read_bytes() == MODEL
    assert server.ranges == ["bytes=100000-"]
    assert [file.name for file in folder.iterdir()] == ["toy.tflite"]


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_path_when_killed_in_the_middle_then_next_run_resumes_at_once(
    server, toy, store, tricks, tmp_path
):
    server.answers = [tricks.hangs_after(0.5, seconds=3.0), tricks.plain]
    code = f"""
        from pathlib import Path
        from pixelwise.cards import Card, Deck, Store, Where
        card = Card.read("toy", dict(task="foreground", legend="person-2", runtimes=["litert"],
            sources=[dict(url="{toy.sources[0].url}", sha256="{hash_of(MODEL)}")]))
        where = Where((), Path({str(tmp_path / "cache")!r}), (), Path("nowhere"), False)
        Store(where, Deck({{}})).path(card)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)])
    folder = tmp_path / "cache" / "models" / "toy"
    wait_until(lambda: any(path.stat().st_size > 90_000 for path in folder.glob("*.part")))
    child.kill()
    child.wait()

    path = store.path(toy)

    assert path.read_bytes() == MODEL
    assert server.ranges[1].startswith("bytes=")
    assert [file.name for file in folder.iterdir()] == ["toy.tflite"]


def wait_until(condition) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def run_child(code: str, env: dict[str, str]) -> str:
    kept = {
        key: os.environ[key] for key in ("PATH", "PYTHONPATH", "SYSTEMROOT") if key in os.environ
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env=kept | env,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
