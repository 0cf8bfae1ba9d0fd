"""What the user asks for becomes what classifies the pixels."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from pixelwise.apps.satellite.bands import Bands
from pixelwise.apps.satellite.fitted import FITTED, LEVELS, default_index, fit_clusters, fit_levels
from pixelwise.apps.satellite.instances import InstanceMapper
from pixelwise.apps.satellite.mapping import Layer, Mapper
from pixelwise.apps.satellite.networks import NetworkMapper
from pixelwise.apps.satellite.objects import fit_objects
from pixelwise.apps.satellite.rules import levels_of, preset
from pixelwise.apps.satellite.training import lesson_of
from pixelwise.catalog import Access
from pixelwise.catalog.finding import find_with
from pixelwise.core import Task
from pixelwise.errors import UnknownName, UsageError
from pixelwise.io.rasters.raster import Raster
from pixelwise.methods.deep.network import Network

__all__ = ["METHODS_FOR_MAPS", "OBJECTS", "Choice", "mapper_for"]

OBJECTS = "objects"
METHODS_FOR_MAPS = (*FITTED, OBJECTS)


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


def mapper_for(
    choice: Choice, layers: tuple[Layer, ...], open_bands: Callable[[Raster], Bands]
) -> Mapper:
    """Return what classifies the layers, fitted on them where it learns.

    Args:
        choice: What is asked for.
        layers: The raster that is mapped, and the earlier one.
        open_bands: Gives the bands of rasters to learn from.

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
    if method == OBJECTS:
        return _objects(choice, layers[0], open_bands)
    raise UnknownName.among("method for maps", method, METHODS_FOR_MAPS)


def _check(choice: Choice) -> None:
    chosen = [choice.preset, choice.method, choice.model, choice.levels or None]
    if sum(each is not None for each in chosen) != 1:
        raise UsageError("name one of --preset, --method, --model, and --index with --levels")
    if choice.train and choice.method != OBJECTS:
        raise UsageError(f"--train is for --method {OBJECTS}")
    if choice.levels and choice.index is None:
        raise UsageError("--levels need an --index, such as ndvi, or a band")


def _objects(choice: Choice, layer: Layer, open_bands: Callable[[Raster], Bands]) -> Mapper:
    if not choice.train:
        raise UsageError("objects learns: give it labels with --train LABELS, or IMAGE=LABELS")
    with ExitStack() as stack:
        lessons = [lesson_of(pair, layer, open_bands, stack) for pair in choice.train]
        return fit_objects(tuple(lessons), layer.bands, choice.names, choice.settings)


def _network(choice: Choice, name: str) -> Mapper:
    network = find_with(name, choice.settings, choice.access)
    if not isinstance(network, Network):
        raise UsageError(f"{name} is no network that is shown pictures; leave --set tiles out")
    kind = InstanceMapper if network.task is Task.INSTANCE else NetworkMapper
    return kind(network.side_by_side())
