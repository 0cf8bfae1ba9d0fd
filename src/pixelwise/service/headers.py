"""Security headers: what a browser may do with an answer."""

from collections.abc import Mapping

from pixelwise.service.doors import is_ours

__all__ = ["headers_for"]

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""On every answer that does not set its own."""
STUDIO = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data: blob:; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; object-src 'none'; "
    "base-uri 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}
"""Instead, for the studio: Gradio's page builds itself, but calls nobody else."""


def headers_for(path: str) -> Mapping[str, str]:
    """Return the headers of an answer to a request for ``path``.

    >>> headers_for("/v1/segment")["Cache-Control"], headers_for("/")["Cache-Control"]
    ('no-store', 'no-cache')
    """
    return HEADERS if is_ours(path) else {**HEADERS, **STUDIO}
