"""Fault 5: the network is cut, stalls or lies while a model downloads."""

import time
from pathlib import Path

import pytest

from pixelwise.errors import ModelError


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_pull_when_connection_closes_early_then_resumes(server, toy, store, tricks, share):
    server.answers = [tricks.closes_after(share), tricks.plain]

    path = store.path(toy)

    assert path.read_bytes() == server.body
    if share:
        assert server.ranges[1] == f"bytes={int(len(server.body) * share)}-"


def test_pull_when_connection_hangs_at_the_end_then_whole_file_counts(server, toy, store, tricks):
    server.answers = [tricks.hangs_after(1.0)]

    start = time.monotonic()
    path = store.path(toy)

    assert path.read_bytes() == server.body
    assert time.monotonic() - start < 1.4


def test_pull_when_connection_stalls_then_resumes(server, toy, store, tricks):
    server.answers = [tricks.hangs_after(0.5), tricks.plain]

    assert store.path(toy).read_bytes() == server.body
    assert len(server.ranges) == 2


def test_pull_when_always_cut_then_error_and_next_run_resumes(server, toy, store, tricks):
    server.answers = [tricks.closes_after(0.5), tricks.status(503)]
    with pytest.raises(ModelError, match="503"):
        store.path(toy)
    assert store.find_local(toy) is None

    server.answers = [tricks.plain]
    path = store.path(toy)

    assert path.read_bytes() == server.body
    assert server.ranges[-1] == f"bytes={len(server.body) // 2}-"


def test_pull_when_wrong_bytes_then_refused_and_nothing_kept(
    server, toy, store, tricks, leftovers, tmp_path
):
    wrong = bytearray(server.body)
    wrong[-1] ^= 1
    server.answers = [tricks.sends(bytes(wrong))]

    with pytest.raises(ModelError, match="sha256"):
        store.path(toy)

    assert leftovers() == set()
    assert not list(tmp_path.rglob("toy.tflite"))
    server.answers = [tricks.plain]
    assert store.path(toy).read_bytes() == server.body


@pytest.mark.parametrize("extra", [1000, -1000])
def test_pull_when_wrong_length_declared_then_never_half_a_model(server, toy, store, tricks, extra):
    server.answers = [tricks.declares(len(server.body) + extra), tricks.plain]

    assert store.path(toy).read_bytes() == server.body


def test_pull_when_more_bytes_than_expected_then_refused(server, toy, store, tricks):
    server.answers = [tricks.sends(server.body + b"more")]

    with pytest.raises(ModelError, match="more than the 204808 bytes"):
        store.path(toy)


def test_pull_when_resuming_is_refused_with_416_then_starts_anew(server, toy, store, tricks):
    server.answers = [tricks.closes_after(0.5), tricks.status(416), tricks.plain]

    assert store.path(toy).read_bytes() == server.body
    assert server.ranges[-1] == ""


def test_pull_when_server_ignores_range_then_starts_anew(server, toy, store, tricks):
    server.answers = [tricks.closes_after(0.5), tricks.sends(server.body)]

    assert store.path(toy).read_bytes() == server.body


def test_pull_when_500_twice_then_ok(server, toy, store, tricks):
    server.answers = [tricks.status(500), tricks.status(500), tricks.plain]

    assert store.path(toy).read_bytes() == server.body


def test_pull_when_500_three_times_then_second_run_works(server, toy, store, tricks, leftovers):
    server.answers = [tricks.status(500)] * 3 + [tricks.plain]

    with pytest.raises(ModelError, match="500"):
        store.path(toy)

    assert leftovers() == set()
    assert store.path(toy).read_bytes() == server.body


def test_pull_when_404_then_one_request_only(server, toy, store, tricks):
    server.answers = [tricks.status(404)]

    with pytest.raises(ModelError, match="404"):
        store.path(toy)

    assert len(server.ranges) == 1


def test_pull_when_bytes_drip_then_time_out_on_progress(server, toy, store, tricks):
    server.answers = [tricks.drips()]

    start = time.monotonic()
    with pytest.raises(ModelError, match="bytes came in"):
        store.path(toy)

    assert time.monotonic() - start < 4


def test_pull_when_an_earlier_rest_is_of_something_else_then_starts_anew(
    server, toy, store, tricks
):
    server.answers = [tricks.sends(b"try again later"), tricks.status(503)]
    with pytest.raises(ModelError, match="503"):
        store.path(toy)
    server.answers = [tricks.plain]

    assert store.path(toy).read_bytes() == server.body


def test_pull_when_no_length_is_said_then_refused(server, card_of, store, tricks):
    card = card_of({"url": f"{server.address}/toy.tflite"})
    server.answers = [tricks.says_no_length]

    with pytest.raises(ModelError, match="how long"):
        store.path(card)


def test_pull_when_web_page_comes_then_says_so_and_keeps_nothing(
    server, toy, store, tricks, leftovers
):
    page = b"<!DOCTYPE html><html><body>please log in</body></html>"
    server.answers = [tricks.sends(page, kind="text/html")]

    with pytest.raises(ModelError, match="web page"):
        store.path(toy)

    assert leftovers() == set()


def test_pull_when_redirected_to_plain_http_elsewhere_then_refused(server, toy, store, tricks):
    server.answers = [tricks.redirects("http://192.0.2.1/toy.tflite")]

    with pytest.raises(ModelError, match="not an https address"):
        store.path(toy)


def test_pull_when_redirected_to_a_file_then_refused(server, toy, store, tricks):
    server.answers = [tricks.redirects(Path(__file__).as_uri())]

    with pytest.raises(ModelError, match="302"):
        store.path(toy)

    assert len(server.ranges) == 1


def test_pull_when_proxy_is_set_then_this_machine_is_reached_without(
    server, toy, store, monkeypatch
):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert store.path(toy).read_bytes() == server.body


def test_pull_when_proxy_is_set_then_other_addresses_go_through_it(
    server, card_of, store, tricks, monkeypatch
):
    monkeypatch.setenv("https_proxy", server.address)
    monkeypatch.setenv("no_proxy", "")
    card = card_of({"url": "https://example.invalid/toy.tflite", "sha256": "0" * 64})

    with pytest.raises(ModelError, match="Tunnel connection failed: 501"):
        store.path(card)


def test_pull_reports_progress_up_to_the_whole(server, toy, store):
    seen = []

    store.path(toy, progress=lambda done, total: seen.append((done, total)))

    assert seen[-1] == (len(server.body), len(server.body))
    assert seen == sorted(seen)


def test_pull_when_nobody_listens_then_error_names_the_way_out(card_of, store):
    card = card_of({"url": "http://127.0.0.1:9/toy.tflite", "sha256": "0" * 64})

    with pytest.raises(ModelError, match="PIXELWISE_MODEL_PATH"):
        store.path(card)
