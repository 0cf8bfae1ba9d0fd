"""Which application answers: the API with the live page, or the studio."""

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Doors", "is_ours"]

OURS = ("v1", "live", "healthz", "readyz", "metrics")
"""First parts of the addresses that are not the studio's."""


def is_ours(path: str) -> bool:
    """Whether an address belongs to the API or the live page.

    >>> is_ours("/v1/segment"), is_ours("/"), is_ours("/v1x")
    (True, False, False)
    """
    return path.removeprefix("/").partition("/")[0] in OURS


class Doors:
    """Sends each request to the application that it belongs to.

    Args:
        api: Takes what is ours, and the lifespan.
        studio: Takes the rest.
    """

    def __init__(self, api: ASGIApp, studio: ASGIApp) -> None:
        self._api = api
        self._studio = studio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        ours = scope["type"] == "lifespan" or is_ours(scope["path"])
        await (self._api if ours else self._studio)(scope, receive, send)
