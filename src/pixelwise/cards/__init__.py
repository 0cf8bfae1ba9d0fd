"""Which networks exist, and where their files are got."""

from pixelwise.cards.card import Card, Commercial, Licence, Metric
from pixelwise.cards.deck import Deck, load_cards
from pixelwise.cards.decoders import AnswerShape, DecoderSpec, Grow, Holds
from pixelwise.cards.errands import Patience, Progress, Say
from pixelwise.cards.folders import StoreWarning
from pixelwise.cards.inputs import Channels, Extra, Fit, InputSpec, Layout, Levels, VolumeSpec
from pixelwise.cards.sources import AddressSource, CardSource, LocalSource, WheelSource
from pixelwise.cards.store import Store, Where

__all__ = [
    "AddressSource",
    "AnswerShape",
    "Card",
    "CardSource",
    "Channels",
    "Commercial",
    "Deck",
    "DecoderSpec",
    "Extra",
    "Fit",
    "Grow",
    "Holds",
    "InputSpec",
    "Layout",
    "Levels",
    "Licence",
    "LocalSource",
    "Metric",
    "Patience",
    "Progress",
    "Say",
    "Store",
    "StoreWarning",
    "VolumeSpec",
    "WheelSource",
    "Where",
    "load_cards",
]
