"""Faults 13 to 18, 23 and 24: what happens to the service when the world misbehaves."""

import asyncio
import json
import os
import signal
import socket
import struct
import threading
import time
import zlib
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.service.conftest import picture, running, status

SLOW = {"method": "mean-shift", "settings": '{"spatial_radius": 40, "colour_radius": 30}'}


def noise(side=700):
    return picture(np.random.default_rng(1).integers(0, 255, (side, side, 3), np.uint8))


def segment(server, data, *, timeout=60, **fields):
    fields = fields or {"method": "otsu"}
    url = f"{server.url}/v1/segment"
    return httpx.post(url, files={"image": data}, data=fields, timeout=timeout)


def load(server):
    text = httpx.get(f"{server.url}/metrics").text
    return float(next(line for line in text.splitlines() if line[:15] == "pixelwise_load ")[15:])


def until(true, seconds):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def bomb(width, height):
    """A PNG of black: small as a file, width x height when decoded."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(3 * width + 1)) for _ in range(height)]
    packed = b"".join([*parts, packer.flush()])
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def test_picture_when_too_large_for_memory_then_refused_and_serving_goes_on(two_halves):
    """Fault 13, with an address space that no large picture fits into."""

    with running(workers=1, most={"RLIMIT_AS": 1200 << 20}) as own:
        answer = segment(own, bomb(7900, 7900))
        assert answer.status_code == 422
        assert answer.json()["code"] == "limit"
        assert segment(own, two_halves).status_code == 200


def test_bomb_when_sent_then_refused_while_memory_stays(server, two_halves):
    """Fault 14: memory sampled every 20 ms."""
    data = bomb(50_000, 2000)
    before, peak, ended = server.resident(), [0], threading.Event()

    def sample():
        while not ended.wait(0.02):
            peak[0] = max(peak[0], server.resident())

    watcher = threading.Thread(target=sample)
    watcher.start()
    answers = [segment(server, data) for _ in range(3)]
    ended.set()
    watcher.join()
    assert {answer.status_code for answer in answers} == {422}
    assert peak[0] - before < 50e6
    assert segment(server, two_halves).status_code == 200


def trickling(server, count, first):
    """Open connections that send ``first`` and then hardly anything."""
    wires = []
    for _ in range(count):
        wire = socket.create_connection(server.address, timeout=30)
        wire.sendall(first)
        wires.append(wire)
    return wires


def test_clients_when_slow_then_cut_and_others_see_nothing_of_them(hasty, two_halves):
    """Fault 15: heads and bodies of 1 B/s; 200 of them beside a normal client."""
    head = b"POST /v1/segment HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
    calm = [timed(hasty, two_halves) for _ in range(10)]
    start = time.monotonic()
    wires = trickling(hasty, 100, head) + trickling(
        hasty, 100, head + b"Content-Length: 4000\r\n\r\n"
    )
    busy = []
    while time.monotonic() - start < 1.5:
        for wire in wires:
            wire.send(b"X")
        busy.append(timed(hasty, two_halves))
        time.sleep(0.2)
    assert np.median(busy) < 3 * np.median(calm) + 0.05
    answers = [b"".join(iter(lambda wire=wire: received(wire), b"")) for wire in wires]
    assert time.monotonic() - start < 10
    assert all(status(answer) == [408] for answer in answers)
    for wire in wires:
        wire.close()


def received(wire):
    try:
        return wire.recv(65536)
    except ConnectionError:
        return b""


def timed(server, data):
    start = time.monotonic()
    assert segment(server, data).status_code == 200
    return time.monotonic() - start


def test_client_when_it_takes_no_answer_then_cut(hasty):
    """Fault 15, the reading side: megabytes of answers that nobody takes."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.connect(hasty.address)
    wire.settimeout(1)
    with pytest.raises(OSError, match=r"timed out|reset|pipe"):
        wire.sendall(b"GET /v1/methods HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100_000)
    mine = wire.getsockname()[1]
    until(lambda: mine not in peers(hasty), 15)
    wire.close()


def peers(server):
    """Return the ports of the clients that the service is connected with."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    port = server.address[1]
    return {
        int(row[2].split(":")[1], 16)
        for row in rows
        if int(row[1].split(":")[1], 16) == port and row[3] == "01"
    }


def test_clients_when_a_thousand_then_each_gets_its_own_answer_or_a_refusal(server):
    """Fault 16: pictures of a colour each; 200 answers belong to them, memory comes back."""
    pictures = {}
    for number in range(1000):
        pixels = np.zeros((64, 64), np.uint8)
        pixels[: number // 32 + 1, : number % 32 + 1] = 255  # an area of its own, or nearly
        pictures[number] = (picture(pixels), (number // 32 + 1) * (number % 32 + 1))
    before = server.resident()

    async def one(number, gate):
        data, area = pictures[number]
        head = (
            "POST /v1/segment?method=otsu HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Content-Type: image/png\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        await gate.wait()
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(head.encode() + data)
        answer = await reader.read()
        writer.close()
        first, _, body = answer.partition(b"\r\n\r\n")
        if status(first) == [200]:
            assert sum(row["area"] for row in json.loads(body)["segments"]) == area
        else:
            assert b"retry-after" in first.lower()
        return status(first)[0]

    async def all_of_them():
        gate = asyncio.Event()
        tasks = [asyncio.create_task(one(number, gate)) for number in pictures]
        gate.set()
        return await asyncio.gather(*tasks)

    answers = asyncio.run(all_of_them())
    assert set(answers) <= {200, 429, 503}
    assert answers.count(200) >= 10
    until(lambda: server.resident() - before < 15e6, 10)
    until(lambda: load(server) == 0, 5)


def test_client_when_it_leaves_then_work_ends_and_the_slot_is_free(hasty, two_halves):
    """Fault 17."""
    form = httpx.Request("POST", hasty.url, files={"image": noise()}, data=SLOW)
    head = "".join(f"{name}: {value}\r\n" for name, value in form.headers.items())
    start = f"POST /v1/segment HTTP/1.1\r\n{head}\r\n".encode()
    wires = [socket.create_connection(hasty.address) for _ in range(2)]
    for wire in wires:
        wire.sendall(start + form.read())
    until(lambda: load(hasty) == 2, 2)
    for data in (two_halves, noise(900)):  # of the second not all is sent when it is refused
        answer = segment(hasty, data)
        assert answer.status_code == 503
        assert answer.headers["connection"] == "close"
        assert int(answer.headers["retry-after"]) >= 1
    left = time.monotonic()
    for wire in wires:
        wire.close()
    until(lambda: load(hasty) == 0, 1.5)
    assert time.monotonic() - left < 1.5
    until(lambda: segment(hasty, two_halves).status_code == 200, 20)


def test_end_when_work_is_in_flight_then_it_is_finished_and_nothing_new_taken(two_halves):
    """Fault 18: SIGTERM under load cuts no answer."""
    with running(workers=1) as own:
        answers = []

        def ask():
            try:
                answers.append(segment(own, noise(1200), method="slic").status_code)
            except httpx.ConnectError:
                answers.append("closed")

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        until(lambda: load(own) >= 2, 10)
        own.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        assert own.process.wait(30) == 0
        assert set(answers) <= {200, 503, "closed"}
        assert 200 in answers
        with pytest.raises(httpx.ConnectError):
            segment(own, two_halves)


def test_descriptors_when_used_up_then_answers_go_on_and_none_leak(two_halves):
    """Fault 23: 64 descriptors, many requests and connections."""

    with running(workers=1, most={"RLIMIT_NOFILE": 64}) as own:
        folder = Path(f"/proc/{own.process.pid}/fd")
        segment(own, two_halves)
        before = len(list(folder.iterdir()))
        wires = [socket.create_connection(own.address) for _ in range(80)]
        for wire in wires:
            wire.close()
        with httpx.Client(base_url=own.url, timeout=60) as client:
            for _ in range(100):
                answer = client.post(
                    "/v1/segment", files={"image": two_halves}, data={"method": "otsu"}
                )
                assert answer.status_code == 200
        until(lambda: len(list(folder.iterdir())) <= before + 1, 10)


def test_threads_when_under_load_then_as_many_as_cores_and_a_few(data_dir):
    """Fault 24: no library starts a thread for each core in each worker."""
    photo = next((data_dir / "people_ccp" / "photos").glob("*.jpg")).read_bytes()
    cores = len(os.sched_getaffinity(0))
    with running() as own:
        for task in ("foreground", "semantic"):
            segment(own, photo, task=task)
        assert len(workers(own)) == cores
        for worker in workers(own):
            assert len(list(Path(f"/proc/{worker}/task").iterdir())) <= cores + 4


def test_request_when_over_its_deadline_then_504_and_the_worker_is_replaced(hasty, two_halves):
    answer = segment(hasty, noise(), **SLOW)
    assert answer.status_code == 504
    assert answer.json()["code"] == "deadline"
    until(lambda: segment(hasty, two_halves).status_code == 200, 20)


def test_worker_when_killed_then_500_and_another_takes_its_place(hasty, two_halves):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(segment(hasty, noise(), **SLOW)))
    asking.start()
    until(lambda: load(hasty) == 1, 10)
    time.sleep(0.3)
    for pid in workers(hasty):
        os.kill(pid, signal.SIGKILL)
    asking.join()
    assert answers[0].status_code == 500
    assert answers[0].json()["code"] == "worker_died"
    until(lambda: segment(hasty, two_halves).status_code == 200, 20)


def workers(server):
    named = ((pid, Path(f"/proc/{pid}/cmdline").read_bytes()) for pid in server.family()[1:])
    return [pid for pid, name in named if b"spawn_main" in name]


def test_memory_when_hundreds_of_requests_then_it_grows_by_less_than_5_megabytes(
    server, two_halves
):
    with httpx.Client(base_url=server.url, timeout=60) as client:

        def ask(times):
            for _ in range(times):
                files = {"image": two_halves}
                assert client.post("/v1/segment", files=files, data={"method": "otsu"}).is_success

        ask(100)
        before = server.memory()
        ask(200)
        after = server.memory()
    assert sum(after[pid] - before[pid] for pid in before.keys() & after.keys()) < 5e6
