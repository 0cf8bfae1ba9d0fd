"""What the user asks for becomes what classifies the pixels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pixelwise.apps.satellite.fitted import FITTED, LEVELS, default_index, fit_clusters, fit_levels
from pixelwise.apps.satellite.mapping import Layer, Mapper
from pixelwise.apps.satellite.networks import NetworkMapper
from pixelwise.apps.satellite.rules import levels_of, preset
from pixelwise.catalog import Access
from pixelwise.catalog.finding import find_with
from pixelwise.errors import UnknownName, UsageError
from pixelwise.methods.deep.network import Network

__all__ = ["METHODS_FOR_MAPS", "Choice", "mapper_for"]

METHODS_FOR_MAPS = FITTED


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """How pixels get their class: one of these.

    Args:
        preset: A row of ``PRESETS``.
        index: An index or band, with ``levels`` or a threshold ``method``.
        levels: Numbers between the classes of the index.
        names: Of those classes.
        method: A method of ``FITTED``, or ``objects``.
        model: A network.
        train: Labelled places for ``objects``: pairs of map and labels; no map: the map itself.
        settings: Of the method or the network.
        access: How model files may be got.
    """

    preset: str | None = None
    index: str | None = None
    levels: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    method: str | None = None
    model: str | None = None
    train: tuple[tuple[Path | None, Path], ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    access: Access = field(default_factory=Access)


def mapper_for(choice: Choice, layers: tuple[Layer, ...]) -> Mapper:
    """Return what classifies the layers, fitted on them where it learns.

    Raises:
        UsageError: The choice does not make sense.
        InputError: A band that it needs is not there.
    """
    _check(choice)
    bands = layers[0].bands
    if choice.preset is not None:
        return preset(choice.preset, bands)
    if choice.levels:
        return levels_of(str(choice.index), choice.levels, choice.names)
    if choice.model is not None:
        return _network(choice, choice.model)
    method = str(choice.method)
    if method in LEVELS:
        index = choice.index or default_index(bands)
        return fit_levels(layers, method, index, choice.settings)
    if method in FITTED:
        return fit_clusters(layers, method, choice.settings)
    raise UnknownName.among("method for maps", method, FITTED)


def _check(choice: Choice) -> None:
    chosen = [choice.preset, choice.method, choice.model, choice.levels or None]
    if sum(each is not None for each in chosen) != 1:
        raise UsageError("name one of --preset, --method, --model, and --index with --levels")
    if choice.levels and choice.index is None:
        raise UsageError("--levels need an --index, such as ndvi, or a band")


def _network(choice: Choice, name: str) -> NetworkMapper:
    network = find_with(name, choice.settings, choice.access)
    if not isinstance(network, Network):
        raise UsageError(f"{name} is no network that is shown pictures; leave --set tiles out")
    return NetworkMapper(network)
