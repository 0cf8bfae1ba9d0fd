"""Where a result comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["Provenance"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """The record of how a result was made.

    Args:
        method: Name of the method, or of the decoder for a network.
        settings: Its settings by name.
        model: Name of the card, empty for classical methods.
        model_sha256: Hash of the model file that ran.
        runtime: Name of the runtime, empty for classical methods.
        device: Where it ran.
        seconds: Seconds by stage.
        notes: What the user should know, one sentence each.
    """

    method: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    model: str = ""
    model_sha256: str = ""
    runtime: str = ""
    device: str = "cpu"
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))
        object.__setattr__(self, "seconds", MappingProxyType(dict(self.seconds)))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle through plain dicts: mapping proxies do not travel between processes."""
        values = (self.method, dict(self.settings), self.model, self.model_sha256, self.runtime)
        return (Provenance, (*values, self.device, dict(self.seconds), self.notes))
