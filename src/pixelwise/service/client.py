"""A small client of the service; it needs nothing but the base install."""

import http.client
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Image, Prompts, Rle
from pixelwise.errors import InputError, PixelwiseError
from pixelwise.io.atomic import make_folder, write_bytes
from pixelwise.io.files import decode, encode

__all__ = ["Client", "Found", "RefusedRequest"]

LOOK_S = 0.5
"""How often a job is asked how far it is."""
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
        _, headers, body = self._post("/v1/segment", {"image": picture}, fields, "")
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
        body = self._post("/v1/segment", {"image": picture}, fields, accept)[2]
        return decode(body, "answer")

    def job(
        self,
        file: str | PathLike[str],
        kind: str,
        folder: str | PathLike[str],
        *,
        lesson: str | PathLike[str] | None = None,
        settings: Mapping[str, object] | None = None,
        tell: Callable[[float], object] | None = None,
        **names: str,
    ) -> list[Path]:
        """Run long work on a file, and return the files of the result.

        Args:
            file: A video, volume or raster.
            kind: ``video``, ``volume`` or ``raster``.
            folder: Where the files are put.
            lesson: What a raster with the method ``objects`` learns from.
            settings: Settings of the method or model.
            tell: Takes how far it is, 0..1.
            **names: ``method``, ``model``, ``preset``, ``sensor``, ``background``.

        Raises:
            RefusedRequest: The service refused, or the work failed.
            InputError: It cannot be reached.
        """
        files = {"file": Path(file), **({} if lesson is None else {"lesson": Path(lesson)})}
        fields = self._fields(None, settings, {"kind": kind, **names})
        _, headers, body = self._post("/v1/jobs", files, fields, "")
        job, place = json.loads(body), headers["location"]
        try:
            while job["state"] in ("waiting", "running"):
                time.sleep(LOOK_S)
                job = json.loads(self._send("GET", place, b"", {})[2])
                if tell is not None:
                    tell(job["progress"])
            if job["error"]:
                raise RefusedRequest(422, **job["error"], request_id=headers["x-request-id"])
            return [self._fetched(place, name, Path(folder)) for name in job["files"]]
        finally:
            self._send("DELETE", place, b"", {})

    def _fetched(self, place: str, name: str, folder: Path) -> Path:
        make_folder(folder)
        target = folder / PurePath(name).name
        write_bytes(target, self._send("GET", f"{place}/files/{name}", b"", {})[2])
        return target

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
        self, path: str, files: Mapping[str, Picture], fields: Mapping[str, str], accept: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        boundary = secrets.token_hex(16)
        body = _form(files, fields, boundary)
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


def _ending(picture: Picture) -> str:
    """Return the ending of a file's name, which says of what kind a video or volume is."""
    name = "" if isinstance(picture, bytes | Image) else Path(picture).name
    return "".join(re.findall(r"\.[A-Za-z0-9]+", name)[-2:])


def _form(files: Mapping[str, Picture], fields: Mapping[str, str], boundary: str) -> bytes:
    """Return the body of a form."""
    parts = []
    for name, text in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode() + text.encode() + b"\r\n")
    for name, file in files.items():
        told = f'name="{name}"; filename="file{_ending(file)}"'
        head = f"--{boundary}\r\nContent-Disposition: form-data; {told}\r\n\r\n"
        parts.append(head.encode() + _data(file) + b"\r\n")
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])
