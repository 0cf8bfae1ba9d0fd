"""A small client of the service; it needs nothing but the base install."""

import http.client
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Prompts, Rle
from pixelwise.errors import InputError, PixelwiseError
from pixelwise.io.files import decode, encode

__all__ = ["Client", "Found", "RefusedRequest"]

Picture = Image | bytes | str | PathLike[str]
"""A picture, the bytes of its file, or the path of that."""


class RefusedRequest(PixelwiseError):
    """The service refused a request.

    Attributes:
        status: HTTP status.
        code: The reason, for machines.
        request_id: What the service's log calls the request.
    """

    def __init__(self, status: int, code: str, message: str, request_id: str) -> None:
        super().__init__(f"{status} {code}: {message} (request {request_id})")
        self.status, self.code, self.request_id = status, code, request_id


@dataclass(frozen=True)
class Found:
    """One answer of ``/v1/segment``.

    Args:
        record: What ``pixelwise segment --json`` prints.
        result_id: The same for the same question.
    """

    record: Mapping[str, Any]
    result_id: str

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return int(self.record["height"]), int(self.record["width"])

    def masks(self) -> Iterator[tuple[str | None, NDArray[np.bool_]]]:
        """Yield the class and the mask, (H, W) bool, of each segment."""
        for row in self.record["segments"]:
            rle = row["rle"]
            yield row["class"], Rle.parse(tuple(rle["size"]), rle["counts"]).decode()


@dataclass
class Client:
    """Talks to one service; a connection is opened for each request.

    Args:
        address: ``http://127.0.0.1:8000``.
        token: What the service was started with.
        timeout_s: Longest wait for an answer.

    ::

        client = Client("http://127.0.0.1:8000")
        found = client.segment("people.jpg", task="foreground")
        for name, mask in found.masks():
            print(name, mask.sum())
    """

    address: str = "http://127.0.0.1:8000"
    token: str = field(default="", repr=False)
    timeout_s: float = 60.0

    def segment(
        self,
        picture: Picture,
        *,
        prompts: Prompts | None = None,
        settings: Mapping[str, object] | None = None,
        **names: str,
    ) -> Found:
        """Return the segments of a picture.

        Args:
            picture: The picture.
            prompts: What is pointed at: points, boxes, text.
            settings: Settings of the method or model.
            **names: ``task``, ``method``, ``model``, ``refine``.

        Raises:
            RefusedRequest: The service refused.
            InputError: It cannot be reached.
        """
        fields = self._fields(prompts, settings, names)
        _, headers, body = self._post("/v1/segment", "image", picture, fields, "")
        return Found(json.loads(body), headers["x-result-id"])

    def picture(
        self,
        picture: Picture,
        kind: str = "overlay",
        *,
        prompts: Prompts | None = None,
        settings: Mapping[str, object] | None = None,
        **names: str,
    ) -> Image:
        """Return the result as a picture: ``overlay``, ``mask``, ``cutout``, ``alpha``.

        Raises:
            RefusedRequest: The service refused.
            InputError: It cannot be reached.
        """
        fields = self._fields(prompts, settings, names)
        accept = f"image/png; kind={kind}"
        return decode(self._post("/v1/segment", "image", picture, fields, accept)[2], "answer")

    def methods(self) -> list[dict[str, Any]]:
        """Return the classical methods with their settings."""
        return self._get("/v1/methods")

    def models(self) -> list[dict[str, Any]]:
        """Return the networks."""
        return self._get("/v1/models")

    def _fields(
        self,
        prompts: Prompts | None,
        settings: Mapping[str, object] | None,
        names: Mapping[str, str],
    ) -> dict[str, str]:
        fields = dict(names)
        if settings:
            fields["settings"] = json.dumps(dict(settings))
        if prompts is not None:
            told = prompts.to_dict()
            fields["prompts"] = json.dumps(
                {name: told[name] for name in ("points", "labels", "boxes", "text")}
            )
        return fields

    def _get(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self._send("GET", path, b"", {})[2])
        return rows

    def _post(
        self, path: str, name: str, picture: Picture, fields: Mapping[str, str], accept: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        boundary = secrets.token_hex(16)
        body = _form({name: _data(picture)}, fields, boundary)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._send("POST", path, body, headers | ({"Accept": accept} if accept else {}))

    def _send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        place = urlsplit(self.address)
        if place.scheme not in ("http", "https") or not place.hostname:
            raise InputError(
                f"expected an address such as http://127.0.0.1:8000, not {self.address}"
            )
        kind = (
            http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        )
        wire = kind(place.hostname, place.port, timeout=self.timeout_s)
        more = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            wire.request(method, place.path.rstrip("/") + path, body, {**headers, **more})
            answer = wire.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise InputError(f"{self.address} cannot be reached: {error}") from error
        finally:
            wire.close()
        told = {key.lower(): value for key, value in answer.getheaders()}
        if answer.status >= 400:
            raise _refused(answer.status, told, data)
        return answer.status, told, data


def _refused(status: int, headers: Mapping[str, str], data: bytes) -> RefusedRequest:
    identity = headers.get("x-request-id", "")
    try:
        body = json.loads(data)
        return RefusedRequest(status, body["code"], body["message"], identity)
    except (ValueError, KeyError, TypeError):
        return RefusedRequest(status, "error", "the answer is not of this service", identity)


def _data(picture: Picture) -> bytes:
    if isinstance(picture, bytes):
        return picture
    return encode(picture, ".png") if isinstance(picture, Image) else Path(picture).read_bytes()


def _form(files: Mapping[str, bytes], fields: Mapping[str, str], boundary: str) -> bytes:
    """Return the body of a form."""
    parts = []
    for name, text in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode() + text.encode() + b"\r\n")
    for name, data in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="file"\r\n'
        parts.append(head.encode() + b"\r\n" + data + b"\r\n")
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])
