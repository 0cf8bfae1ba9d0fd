"""A web server on this machine that misbehaves on demand, and cards that point at it."""

import hashlib
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pixelwise.cards import Card, Deck, Patience, Store, Where

MODEL = struct.pack("<I", 28) + b"TFL3" + bytes(range(256)) * 800
"""Bytes that look like a TFLite model: 204 808 of them."""

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def plain(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """A well-behaved server that can resume."""
    wanted = handler.headers.get("Range", "")
    start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
    if start >= len(body) > 0 and wanted:
        handler.send_response(416)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    handler.send_response(206 if wanted else 200)
    if wanted:
        handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
    handler.send_header("Content-Length", str(len(body) - start))
    handler.end_headers()
    handler.wfile.write(body[start:])


class Loopback:
    """Counts requests and answers each with the next of ``answers``; the last one stays."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [plain]
        self.body = MODEL
        self.ranges: list[str] = []
        self.paths: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.ranges.append(self.headers.get("Range", ""))
                outer.paths.append(self.path)
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                try:
                    answer(self, outer.body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Loopback]:
    made = Loopback()
    yield made
    made.close()


@pytest.fixture
def card_of() -> Callable[..., Card]:
    def make(*sources: dict[str, Any], name: str = "toy", **fields: Any) -> Card:
        table = {
            "task": "foreground",
            "legend": "person-2",
            "runtimes": ["litert"],
            "licence": {"weights": "MIT", "commercial": "yes"},
            "sources": list(sources),
        }
        return Card.read(name, table | fields)

    return make


@pytest.fixture
def toy(server: Loopback, card_of: Callable[..., Card]) -> Card:
    """A card whose only source is the loopback server."""
    sha256 = hashlib.sha256(MODEL).hexdigest()
    url = f"{server.address}/toy.tflite"
    return card_of({"url": url, "sha256": sha256, "size": len(MODEL)})


@pytest.fixture
def impatient() -> Patience:
    return Patience(connect_s=2.0, stall_s=0.4, attempts=3, pause_s=0.01)


@pytest.fixture
def store_at(impatient: Patience) -> Callable[..., Store]:
    def make(cache: Path | None, *folders: Path, **fields: Any) -> Store:
        where = Where(folders, cache, (), Path("nowhere"), offline=False)
        return Store(where, Deck({}), patience=impatient, **fields)

    return make


@pytest.fixture
def store(store_at: Callable[..., Store], tmp_path: Path) -> Store:
    return store_at(tmp_path / "cache")


@pytest.fixture
def leftovers(tmp_path: Path) -> Callable[[], set[str]]:
    """Names of everything in the cache that is not a finished model."""

    def look() -> set[str]:
        return {path.name for path in (tmp_path / "cache").rglob("*") if path.name.startswith(".")}

    return look


@pytest.fixture
def tricks() -> type["Tricks"]:
    return Tricks


class Tricks:
    """Ways for a server to misbehave."""

    plain = staticmethod(plain)

    @staticmethod
    def status(code: int) -> Answer:
        return lambda handler, body: handler.send_error(code)

    @staticmethod
    def closes_after(share: float) -> Answer:
        def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[: int(len(body) * share)])
            handler.wfile.flush()
            handler.connection.close()

        return answer

    @staticmethod
    def hangs_after(share: float, seconds: float = 1.5) -> Answer:
        def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[: int(len(body) * share)])
            handler.wfile.flush()
            time.sleep(seconds)

        return answer

    @staticmethod
    def drips(seconds: float = 4.0) -> Answer:
        def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            until = time.monotonic() + seconds
            for byte in body:
                if time.monotonic() > until:
                    return
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                time.sleep(0.02)

        return answer

    @staticmethod
    def sends(body: bytes, *, kind: str = "application/octet-stream") -> Answer:
        def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", kind)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        return answer

    @staticmethod
    def says_no_length(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(body)

    @staticmethod
    def declares(length: int) -> Answer:
        def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(length))
            handler.end_headers()
            handler.wfile.write(body)
            handler.wfile.flush()
            handler.connection.close()

        return answer

    @staticmethod
    def redirects(to: str) -> Answer:
        def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
            handler.send_response(302)
            handler.send_header("Location", to)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        return answer
