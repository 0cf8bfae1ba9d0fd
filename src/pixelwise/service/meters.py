"""What is counted, in the form that Prometheus reads."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import Scope

__all__ = ["Meters"]

ROUTES = ("/v1/segment", "/v1/compare", "/v1/methods", "/v1/models", "/v1/jobs", "/live")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Meters:
    """The counters of one service.

    >>> meters = Meters()
    >>> meters.note({"path": "/v1/segment", "method": "POST"}, 200, 0.02)
    >>> b'status="200"' in meters.text()
    True
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "pixelwise_request_seconds",
            "Time from the head of a request to its answer.",
            ["route", "method", "status"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.frames = Counter(
            "pixelwise_live_frames", "Frames of live pages.", registry=self._registry
        )
        self.frames_late = Counter(
            "pixelwise_live_frames_late",
            "Frames that a newer one replaced.",
            registry=self._registry,
        )

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one answer; paths that clients make up are all one route."""
        path, method = scope["path"], scope.get("method", "GET")
        route = next((known for known in ROUTES if path.startswith(known)), "other")
        known_method = method if method in ("GET", "POST", "DELETE") else "other"
        self._seconds.labels(route, known_method, str(status)).observe(seconds)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a figure that is read when somebody asks."""
        Gauge(f"pixelwise_{name}", text, registry=self._registry).set_function(read)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        return generate_latest(self._registry)
