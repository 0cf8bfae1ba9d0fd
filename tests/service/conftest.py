"""A real service in a process of its own, and what talks to it over a bare socket."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.io.files import encode

START_S = 180


PROGRAM = """
import json, resource, sys
wanted = json.loads(sys.argv[1])
for name, most in wanted.pop("most", {}).items():
    resource.setrlimit(getattr(resource, name), (most, most))
from pixelwise.service.running import serve
from pixelwise.service.settings import ServiceSettings
serve(ServiceSettings(**wanted), lambda place: print(place, file=sys.stderr, flush=True))
"""
"""Starts the service with settings that the command line does not have."""


class Server:
    """A running service: of the command line, or with settings of its own."""

    def __init__(self, **settings):
        command = [sys.executable, "-m", "pixelwise", "serve", "--port", "0"]
        if settings:
            command = [sys.executable, "-c", PROGRAM, json.dumps({"port": 0, **settings})]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        found = re.search(r"http://([^:]+):(\d+)/", line)
        assert found, line + self.process.stderr.read()
        self.address = (found[1], int(found[2]))
        self.url = f"http://{found[1]}:{found[2]}"

    def wait_ready(self):
        end = time.monotonic() + START_S
        while httpx.get(f"{self.url}/readyz").status_code != 200:
            assert time.monotonic() < end
            time.sleep(0.1)
        return self

    def family(self):
        """Return the ids of the service and its workers."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task").glob("*/children")
        return [pid, *(int(word) for path in children for word in path.read_text().split())]

    def memory(self):
        """Return the bytes that each process holds."""
        page = os.sysconf("SC_PAGE_SIZE")
        rows = {pid: Path(f"/proc/{pid}/statm").read_text().split() for pid in self.family()}
        return {pid: int(row[1]) * page for pid, row in rows.items()}

    def resident(self):
        return sum(self.memory().values())


@contextmanager
def running(**settings):
    server = Server(**settings)
    try:
        yield server.wait_ready()
    finally:
        if server.process.poll() is None:
            server.process.terminate()
            server.process.wait(60)
        server.process.stderr.close()


@pytest.fixture(scope="session")
def server():
    with running() as made:
        yield made


@pytest.fixture(scope="session")
def hasty():
    """A service of one worker that waits for nothing long."""
    with running(workers=1, queue=1, deadline_s=2, receive_s=2, send_s=2) as made:
        yield made


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, timeout=30) as made:
        yield made


@pytest.fixture(scope="session")
def two_halves():
    """A PNG, black on the left, white on the right."""
    return picture(np.repeat(np.uint8([[0] * 16 + [255] * 16]), 24, axis=0))


def picture(pixels, suffix=".png"):
    return encode(Image(pixels), suffix)


def raw(server, data, *, patience=15.0, half_close=False):
    """Send bytes as they are and return all that comes back until the other side closes."""
    with socket.create_connection(server.address, timeout=patience) as wire:
        wire.sendall(data)
        if half_close:
            wire.shutdown(socket.SHUT_WR)
        parts = []
        while True:
            try:
                part = wire.recv(65536)
            except (TimeoutError, ConnectionResetError):
                break
            if not part:
                break
            parts.append(part)
    return b"".join(parts)


def status(answer):
    """Return the status of each answer in what came back."""
    return [int(number) for number in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]
