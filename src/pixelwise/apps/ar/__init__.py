"""Augmented reality: virtual things between a person and what is behind, live or in a file."""

from pixelwise.apps.ar.anchors import ANCHORS, Anchor, Screen
from pixelwise.apps.ar.layers import Layer, parse_layer
from pixelwise.apps.ar.light import Look
from pixelwise.apps.ar.markers import Marker
from pixelwise.apps.ar.moving import Moving
from pixelwise.apps.ar.persons import Outline, Person, Spot
from pixelwise.apps.ar.quads import Place
from pixelwise.apps.ar.scene import Behind, Scene
from pixelwise.apps.ar.sprites import Sprite, read_sprite
from pixelwise.apps.ar.view import View

__all__ = [
    "ANCHORS",
    "Anchor",
    "Behind",
    "Layer",
    "Look",
    "Marker",
    "Moving",
    "Outline",
    "Person",
    "Place",
    "Scene",
    "Screen",
    "Spot",
    "Sprite",
    "View",
    "parse_layer",
    "read_sprite",
]
