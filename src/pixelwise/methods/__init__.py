"""The METHODS table: every classical technique by its name in the literature."""

from typing import Any

from pixelwise.core import Method
from pixelwise.methods import clusters, edges, regions, threshold
from pixelwise.registry import Registry

__all__ = ["FAMILIES", "METHODS"]

FAMILIES = {
    "threshold": tuple(threshold.ROWS),
    "edges": tuple(edges.ROWS),
    "regions": tuple(regions.ROWS),
    "clusters": tuple(clusters.ROWS),
}
"""Technique family -> names of its methods."""

METHODS: Registry[type[Method[Any]]] = Registry(
    "method", threshold.ROWS | edges.ROWS | regions.ROWS | clusters.ROWS
)
"""Name -> the method's class."""
