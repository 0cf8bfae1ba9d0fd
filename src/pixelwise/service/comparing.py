"""POST /v1/compare: many methods on one picture, as a table, a page or a sheet."""

import json
from collections.abc import Sequence

from fastapi import Request
from starlette.responses import Response

from pixelwise.apps.compare import compare, contact_sheet, page, table
from pixelwise.apps.compare.running import TASKS
from pixelwise.io.files import encode
from pixelwise.io.limits import Limits
from pixelwise.service.asking import read_picture
from pixelwise.service.desk import desk_of
from pixelwise.service.forms import fields_of, form_of
from pixelwise.service.presence import while_present
from pixelwise.service.refusals import Refusal

__all__ = ["compare_picture", "compared"]

LOOK = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The page stands alone: its pictures and styles are in it."""
PATIENCE = 6
"""So many times the deadline of one request: many methods run."""


def compared(data: bytes, names: Sequence[str], media: str, limits: Limits) -> bytes:
    """Return the comparison of a picture file in the form that ``media`` names.

    Without names all methods run and the best ready network of each task; among names there may
    be tasks.
    """
    tasks = [task for task in TASKS if not names or task in names]
    methods = [name for name in names if name not in list(TASKS)]
    made = compare(read_picture(data, limits), methods, tasks=tasks)
    if media == "text/html":
        return page(made, "pixelwise compares")
    if media == "image/png":
        return encode(contact_sheet(made), ".png")
    return json.dumps(table(made)).encode()


async def compare_picture(request: Request) -> Response:
    """Run methods and the best ready networks on one picture.

    Send it as the file field `image`; `methods` is a list of names with commas: methods,
    and tasks for the best network that is ready; everything when empty.
    `Accept` chooses `application/json`, `text/html` (a page that stands alone) or `image/png`.
    """
    desk = desk_of(request)
    accept = request.headers.get("accept", "*/*").lower()
    known = ("application/json", "text/html", "image/png")
    media = next((media for media in known if media in accept), known[0] if "*/*" in accept else "")
    if not media:
        raise Refusal(406, f"expected Accept with one of {', '.join(known)}")
    form = await form_of(request)
    names = [name.strip() for name in fields_of(form, ("methods",)).get("methods", "").split(",")]
    arguments = (form.data, [name for name in names if name], media, desk.settings.limits)
    work = desk.pool.run(compared, *arguments, deadline_s=PATIENCE * desk.settings.deadline_s)
    body: bytes = await while_present(request, work)
    headers = {"Content-Security-Policy": LOOK, "Vary": "Accept"}
    return Response(body, media_type=media, headers=headers)
