"""The Accept header: in which form a client wants the result."""

from collections.abc import Iterator

from pixelwise.apps.saves import SAVES
from pixelwise.service.asking import Shown
from pixelwise.service.refusals import Refusal

__all__ = ["MEDIA", "shown_for"]

MEDIA = {
    "application/json": (".coco.json", "record", ("record", "coco")),
    "image/png": (
        ".png",
        "mask",
        ("mask", "overlay", "cutout", "labels", "alpha", "uncertainty"),
    ),
    "image/webp": (".webp", "overlay", ("overlay", "cutout", "mask", "alpha")),
    "image/jpeg": (".jpg", "overlay", ("overlay", "mask", "alpha")),
}
"""Media type -> file format, the kind when none is named, all kinds."""

ANY = {"*/*": "application/json", "application/*": "application/json", "image/*": "image/png"}


def shown_for(accept: str) -> Shown:
    """Return the form that an Accept header asks for; an empty one means JSON.

    ``image/png; kind=overlay`` names a kind of ``--save``; plain ``image/png`` is the mask.

    Raises:
        Refusal: None of what it lists is to be had (406).

    >>> shown_for("text/html, image/png;kind=cutout;q=0.9").kind
    'cutout'
    >>> shown_for("*/*").media
    'application/json'
    """
    ranges = sorted(_ranges(accept or "*/*"), key=lambda item: -item[1])
    for media, weight, kind in ranges:
        name = ANY.get(media, media)
        if weight > 0 and name in MEDIA:
            suffix, first, kinds = MEDIA[name]
            if not kind or kind in kinds:
                return Shown(kind or first, name, suffix)
    raise Refusal(406, f"expected Accept with one of {', '.join(MEDIA)}, kind of {_kinds()}")


def _kinds() -> str:
    known = {kind for _, _, kinds in MEDIA.values() for kind in kinds}
    return ", ".join(kind for kind in ("record", *SAVES) if kind in known)


def _ranges(accept: str) -> Iterator[tuple[str, float, str]]:
    """Yield media type, weight and kind of each entry."""
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        values = dict(piece.split("=", 1) for piece in parameters if "=" in piece)
        yield media, _weight(values.get("q", "1")), values.get("kind", "").strip('"')


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
