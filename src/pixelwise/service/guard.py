"""What stands before every route: who may ask, how much, how fast; ids and headers on answers."""

import asyncio
import hmac
import json
import re
import secrets
import traceback
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pixelwise.errors import PixelwiseError
from pixelwise.service.doors import is_ours
from pixelwise.service.headers import headers_for
from pixelwise.service.log import REQUEST, log
from pixelwise.service.meters import Meters
from pixelwise.service.refusals import Refusal, refusal_of
from pixelwise.service.settings import ServiceSettings

__all__ = ["Guard", "body_of"]

OPEN = ("/healthz", "/readyz")
"""Paths that need no token: they tell nothing."""
UPLOADS = ("/v1/jobs", "/gradio_api/upload")
"""Paths that take videos and volumes."""
SLOWEST = 256 * 1024
"""Bytes a second that an upload must come at."""
COOKIE = "pixelwise_token"
HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
PORT = re.compile(r":\d+$")
IDENTITY = re.compile(r"[A-Za-z0-9._-]{1,64}")
LOCAL = ("localhost", "127.0.0.1", "[::1]")
DISCARDED = 4 << 20
"""Bytes of a refused body that are taken off the wire so that the client reads the answer."""
PATIENCE_S = 1.0
BUSY = 503


def body_of(refusal: Refusal, identity: str) -> dict[str, str]:
    """Return the body of a refusal."""
    return {"code": refusal.code, "message": refusal.message, "request_id": identity}


class Guard:
    """An ASGI application around the service.

    Args:
        app: What answers.
        settings: What is granted.
        meters: What is counted.
    """

    def __init__(self, app: ASGIApp, settings: ServiceSettings, meters: Meters) -> None:
        self._app = app
        self._settings = settings
        self._meters = meters
        self._received = 0
        self._streams: set[asyncio.Task[None]] = set()
        self.is_draining = False

    def drain(self) -> None:
        """Take nothing new, and end the streams of studio pages: they never end by themselves."""
        self.is_draining = True
        for task in self._streams:
            task.get_loop().call_soon_threadsafe(task.cancel)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        identity = _identity(headers)
        scope.setdefault("state", {})["request_id"] = identity
        REQUEST.set(identity)
        visit = _Visit(self, scope, receive, send, identity)
        try:
            if scope["type"] == "http" and self._is_key(scope):
                await visit.welcome()
                return
            self._admit(scope, headers)
        except Refusal as refusal:
            await visit.refuse(refusal)
            return
        work = asyncio.ensure_future(visit.serve(self._app))
        if not is_ours(scope["path"]):
            self._streams.add(work)
            work.add_done_callback(self._streams.discard)
        try:
            await work
        except asyncio.CancelledError:
            if not self.is_draining:
                raise

    def _is_key(self, scope: Scope) -> bool:
        """Whether a browser brings the token in the address, to get a cookie for it."""
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return scope["method"] == "GET" and bool(self._settings.token) and self._is_token(token)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._settings.token.encode())

    def _admit(self, scope: Scope, headers: Headers) -> None:
        """Raise for what is refused before anything is read."""
        path = scope["path"]
        if self.is_draining and path not in OPEN:
            raise Refusal(503, "the service is ending; ask another one")
        self._check_origin(headers)
        if self._settings.token and path not in OPEN and not self._is_known(headers):
            raise Refusal(401, "expected the header Authorization: Bearer TOKEN")
        if ".." in path.split("/") or "\0" in path:
            raise Refusal(404, "there is nothing at this address")
        if scope["type"] == "http":
            self._check_length(scope, headers)

    def _check_origin(self, headers: Headers) -> None:
        """Raise for pages of other sites, and for names that lead others to this machine."""
        host = headers.get("host", "")
        if not HOST.fullmatch(host):
            raise Refusal(400, "expected a Host header that names a host")
        if not self._settings.token and PORT.sub("", host).lower() not in self._names():
            raise Refusal(400, "this service answers only under the name of this machine")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            raise Refusal(403, "pages of other sites may not use this service")

    def _names(self) -> tuple[str, ...]:
        return (*LOCAL, self._settings.host, f"[{self._settings.host}]")

    def _is_known(self, headers: Headers) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(token.strip()):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and self._is_token(cookie.value)

    def most_bytes(self, scope: Scope) -> int:
        """Return the most bytes of a body."""
        settings = self._settings
        return settings.upload_bytes if scope["path"] in UPLOADS else settings.body_bytes

    def seconds(self, scope: Scope, length: int) -> float:
        """Return how long a body may take to come in."""
        more = length / SLOWEST if scope["path"] in UPLOADS else 0.0
        return self._settings.receive_s + more

    def _check_length(self, scope: Scope, headers: Headers) -> None:
        lengths = headers.getlist("content-length")
        if "transfer-encoding" in headers:
            if lengths:
                raise Refusal(400, "expected Content-Length or Transfer-Encoding, both came")
            raise Refusal(411, "expected a Content-Length header; chunked bodies are not taken")
        if lengths and int(lengths[0]) > self.most_bytes(scope):
            most = self.most_bytes(scope)
            raise Refusal(413, f"expected at most {most} bytes, {lengths[0]} are announced")

    def count(self, size: int) -> None:
        """Count bytes that are held; negative ones are given back."""
        self._received += size
        if size > 0 and self._received > self._settings.received_bytes:
            raise Refusal(503, "too many requests are coming in at once; try again soon")

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count an answer."""
        self._meters.note(scope, status, seconds)


class _Visit:
    """One request through the guard."""

    def __init__(
        self, guard: Guard, scope: Scope, receive: Receive, send: Send, identity: str
    ) -> None:
        self._guard, self._scope, self._identity = guard, scope, identity
        self._receive, self._send = receive, send
        self._loop = asyncio.get_running_loop()
        self._start = self._loop.time()
        self._length = int(Headers(scope=scope).get("content-length", "0"))
        self._until = self._start + guard.seconds(scope, self._length)
        self._held = 0
        self._whole = self._length == 0 and "transfer-encoding" not in Headers(scope=scope)
        self._closes = False
        self._status = 0

    async def serve(self, app: ASGIApp) -> None:
        """Hand the request on; whatever goes wrong becomes a refusal of our form."""
        if self._scope["type"] == "websocket":
            await app(self._scope, self._receive, self._send)
            return
        try:
            await app(self._scope, self._take, self._give)
        except Refusal as refusal:
            await self._told(refusal)
        except PixelwiseError as error:
            await self._told(refusal_of(error))
        except Exception:  # noqa: BLE001 - the outermost edge: a bug is one answer of 500
            log(traceback.format_exc())
            await self._told(Refusal(500, "the server made a mistake; its log has this id"))
        finally:
            self._guard.count(-self._held)
            self._guard.note(self._scope, self._status, self._loop.time() - self._start)

    async def welcome(self) -> None:
        """Give a browser that brought the token a cookie, and send it on without."""
        token = parse_qs(self._scope["query_string"].decode("latin-1"))["token"][0]
        cookie = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"
        path = "/" + self._scope["path"].lstrip("/\\")
        headers = [(b"location", path.encode()), (b"set-cookie", cookie.encode("latin-1"))]
        await self._give({"type": "http.response.start", "status": 303, "headers": headers})
        await self._give({"type": "http.response.body", "body": b""})

    async def refuse(self, refusal: Refusal) -> None:
        """Answer before the application sees anything."""
        if self._scope["type"] == "websocket":
            await self._send({"type": "websocket.close", "code": 1008})
            return
        self._closes = True  # who sends such heads may mean anything by what follows
        await self._told(refusal)
        self._guard.note(self._scope, self._status, self._loop.time() - self._start)

    async def _told(self, refusal: Refusal) -> None:
        if self._status:
            return  # an answer has begun; uvicorn cuts the connection
        data = json.dumps(body_of(refusal, self._identity)).encode()
        more = {**(refusal.headers or {}), "content-type": "application/json"}
        headers = [(name.lower().encode(), value.encode()) for name, value in more.items()]
        headers.append((b"content-length", str(len(data)).encode()))
        status = refusal.status_code
        await self._give({"type": "http.response.start", "status": status, "headers": headers})
        await self._give({"type": "http.response.body", "body": data})

    async def _discard(self) -> None:
        """Take the rest of a small body off the wire: else the client sees a reset, no answer."""
        waits = Headers(scope=self._scope).get("expect", "").lower() == "100-continue"
        if self._whole or waits or self._length > DISCARDED:
            return
        try:
            async with asyncio.timeout_at(max(self._until, self._loop.time() + PATIENCE_S)):
                while not self._whole:
                    message = await self._receive()
                    self._whole = not message.get("more_body", False)
        except TimeoutError:
            return

    async def _take(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise Refusal(408, "the body of the request did not come in time") from None
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            self._held += size
            self._guard.count(size)
            self._whole = not message.get("more_body", False)
        return message

    async def _give(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._discard()
            self._status = message["status"]
            headers = MutableHeaders(raw=list(message["headers"]))
            for name, value in headers_for(self._scope["path"]).items():
                headers.setdefault(name, value)
            headers["X-Request-Id"] = self._identity
            if self._ends():
                headers["Connection"] = "close"
            message = {**message, "headers": headers.raw}
        await self._send(message)

    def _ends(self) -> bool:
        """Whether the connection ends with the answer; who is to come again holds none."""
        return self._closes or not self._whole or self._guard.is_draining or self._status == BUSY


def _identity(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if IDENTITY.fullmatch(given) else secrets.token_hex(8)
