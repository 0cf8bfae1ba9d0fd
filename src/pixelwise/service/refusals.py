"""Why a request gets no result: the status, the code and the words, for every error we know."""

import re

from starlette.exceptions import HTTPException

from pixelwise.errors import (
    Cancelled,
    InputError,
    InvalidSetting,
    LicenceError,
    LimitError,
    MissingExtra,
    ModelError,
    OutputError,
    PixelwiseError,
    UnknownName,
    UsageError,
)

__all__ = ["PHRASES", "Refusal", "refusal_of"]

PHRASES = {
    400: "malformed",
    401: "no_token",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "too_slow",
    411: "length_required",
    413: "too_large",
    415: "unsupported",
    422: "invalid",
    429: "too_many",
    431: "headers_too_large",
    499: "client_gone",
    500: "internal",
    503: "busy",
    504: "deadline",
}
"""Status -> code, where nothing more is known."""

STATUS: tuple[tuple[type[PixelwiseError], int, str], ...] = (
    (MissingExtra, 422, "missing_extra"),
    (UnknownName, 422, "unknown_name"),
    (InvalidSetting, 422, "invalid_setting"),
    (UsageError, 422, "usage"),
    (InputError, 422, "input"),
    (LimitError, 422, "limit"),
    (LicenceError, 422, "licence"),
    (ModelError, 422, "model"),
    (OutputError, 406, "not_acceptable"),
    (Cancelled, 499, "client_gone"),
)
"""Error -> status and code; the first that fits."""

UNREAD = ("unsupported",)
"""Reasons of an InputError that mean another type is wanted."""

PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][^\\/\s:'\",;()]+)*[\\/](?=[^\\/\s:'\",;()])")
"""Folders before a file's name."""

RETRY_S = 1


class Refusal(HTTPException):
    """The request gets no result.

    Args:
        status: HTTP status.
        message: What was expected, what came, what to do; no paths.
        code: For machines; that of the status when empty.
        trace: For the log alone: where the program went wrong.
    """

    def __init__(self, status: int, message: str, code: str = "", *, trace: str = "") -> None:
        headers = {"Retry-After": str(RETRY_S)} if status in (429, 503) else None
        super().__init__(status, message, headers)
        self.code = code or PHRASES.get(status, "error")
        self.message = message
        self.trace = trace


def refusal_of(error: PixelwiseError) -> Refusal:
    """Return how an error of ours is told to a client.

    >>> made = refusal_of(LimitError("/srv/a.png: too large"))
    >>> made.status_code, made.code, made.message
    (422, 'limit', 'a.png: too large')
    """
    status, code = next((status, code) for kind, status, code in STATUS if isinstance(error, kind))
    if isinstance(error, InputError):
        code = error.reason
        status = 415 if code in UNREAD else status
    return Refusal(status, without_paths(str(error)), code)


def without_paths(text: str) -> str:
    """Return the text with files named by their last part alone.

    >>> without_paths("put it into /home/me/models/a.tflite, or pull it")
    'put it into a.tflite, or pull it'
    """
    return PATH.sub(lambda match: "" if len(match[0]) > 1 else match[0], text)
