"""The body of a request: one picture, alone or in a form, and what is asked of it."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from pixelwise.service.refusals import Refusal
from pixelwise.service.schemas import Wanted

__all__ = ["FIELD_BYTES", "MOST_FIELDS", "Form", "fields_of", "form_of"]

FIELD = "image"
MOST_FIELDS = 16
FIELD_BYTES = 65_536
RAW = ("application/octet-stream", "image/")
"""Content types whose body is the picture itself."""


@dataclass(frozen=True, slots=True)
class Form:
    """What came.

    Args:
        data: The bytes of the file.
        fields: The fields beside it.
    """

    data: bytes
    fields: Mapping[str, str]

    def wanted(self, query: Wanted) -> Wanted:
        """Return what form and address ask for together.

        Raises:
            Refusal: Both name the same thing.
        """
        asked = {name: getattr(query, name) for name in query.model_fields_set}
        twice = asked.keys() & self.fields.keys()
        if twice:
            raise Refusal(400, f"{', '.join(sorted(twice))}: given in the address and in the form")
        return Wanted.model_validate({**asked, **self.fields})


def fields_of(form: Form, known: tuple[str, ...]) -> Mapping[str, str]:
    """Return the fields, if all are known.

    Raises:
        Refusal: One is not (422).
    """
    for name in form.fields:
        if name not in known:
            raise Refusal(422, f"there is no field {name[:40]!r}; known: {', '.join(known)}")
    return form.fields


class _InMemory(MultiPartParser):
    """Files of a form stay in memory: their size is limited before, and disks are slow."""

    spool_max_size = 1 << 40


async def form_of(request: Request) -> Form:
    """Return the form in a request; the name that a client gives its file is not looked at.

    Raises:
        Refusal: It holds no picture, two of them, or is no form at all.
    """
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("multipart/form-data"):
        return await _parsed(request)
    if kind.startswith(RAW):
        return Form(_not_empty(await request.body()), {})
    raise Refusal(
        415,
        "expected multipart/form-data with a file 'image', or a picture with Content-Type: image/*",
    )


async def _parsed(request: Request) -> Form:
    if not parse_options_header(request.headers["content-type"])[1].get(b"boundary"):
        raise Refusal(400, "the form has no boundary")
    parser = _InMemory(
        request.headers,
        _unhurried(request),
        max_files=1,
        max_fields=MOST_FIELDS,
        max_part_size=FIELD_BYTES,
    )
    try:
        items = (await parser.parse()).multi_items()
    except MultiPartException as error:
        raise Refusal(400, f"the form cannot be read: {error.message}") from error
    fields: dict[str, str] = {}
    data = b""
    for name, value in items:
        if isinstance(value, UploadFile):
            if name != FIELD:
                raise Refusal(422, f"expected the file in the field {FIELD!r}")
            data = await value.read()
            await value.close()
        elif name in fields:
            raise Refusal(400, f"{name[:40]!r} is given twice")
        else:
            fields[name] = value
    return Form(_not_empty(data), fields)


async def _unhurried(request: Request) -> AsyncGenerator[bytes, None]:
    async for part in request.stream():
        yield part


def _not_empty(data: bytes) -> bytes:
    if not data:
        raise Refusal(400, f"expected a picture: the file field {FIELD!r}, or the body")
    return data
