"""POST /v1/segment: a picture in, a result out."""

from hashlib import sha256
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from pixelwise import __version__
from pixelwise.service.accepting import MEDIA, shown_for
from pixelwise.service.asking import Answer, Ask, Shown, answer
from pixelwise.service.bodies import BINARY
from pixelwise.service.desk import desk_of
from pixelwise.service.forms import form_of
from pixelwise.service.presence import while_present
from pixelwise.service.refusals import Refusal
from pixelwise.service.schemas import RecordOut, Wanted, ask_of

__all__ = ["RESPONSES", "segment"]

RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "model": RecordOut,
        "description": "The record, or the picture that Accept asks for.",
        "content": {media: {"schema": BINARY} for media in MEDIA if media.startswith("image")},
    }
}


async def segment(request: Request, query: Annotated[Wanted, Query()]) -> Response:
    """Segment one picture.

    Send it as the file field `image` of a form with the fields below, or as the body itself with
    them in the address. `Accept` chooses the answer: `application/json` (also `; kind=coco`),
    `image/png` (`; kind=mask`, `overlay`, `cutout`, `labels`, `alpha`, `uncertainty`),
    `image/webp`, `image/jpeg`.
    """
    desk = desk_of(request)
    shown = shown_for(request.headers.get("accept", ""))
    if desk.pool.is_full:
        raise Refusal(503, "all workers are busy and the queue is full; try again soon")
    form = await form_of(request)
    ask = ask_of(form.wanted(query))
    work = desk.pool.run(answer, ask, form.data, shown, desk.settings.limits)
    made: Answer = await while_present(request, work)
    return _response(made, ask, form.data, shown)


def _response(made: Answer, ask: Ask, data: bytes, shown: Shown) -> Response:
    """Return the answer with an id that the same question always gets."""
    told = (ask.key, ask.prompts and ask.prompts.to_dict(), shown, __version__)
    identity = sha256(sha256(data).digest() + repr(told).encode()).hexdigest()[:32]
    timing = ", ".join(f"{name};dur={1000 * spent:.1f}" for name, spent in made.seconds.items())
    headers = {"X-Result-Id": identity, "Server-Timing": timing, "Vary": "Accept"}
    return Response(made.data, media_type=made.media, headers=headers)
