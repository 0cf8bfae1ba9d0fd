"""The card of a network that was trained here."""

from pixelwise.cards import Card, Fit, InputSpec, Layout, Licence
from pixelwise.cards.inputs import VolumeSpec
from pixelwise.cards.sources import LocalSource
from pixelwise.core import Legend
from pixelwise.training.heads import HEADS
from pixelwise.training.plan import Head, Plan

__all__ = ["card_of"]


def card_of(plan: Plan, name: str, licence: Licence, *, about: str = "") -> Card:
    """Return the card that a plan leads to; its file and score come later.

    Args:
        plan: Every choice.
        name: Slug of the model.
        licence: What the weights allow.
        about: One sentence.
    """
    teaching = HEADS[plan.head]
    things = plan.classes[1:] if plan.head is not Head.CLASSES else ()
    volume = None
    if plan.orientation:
        volume = VolumeSpec(orientation=plan.orientation, spacing_mm=plan.spacing_mm, side=0)
    return Card(
        name=name,
        task=teaching.task(plan),
        legend=Legend.of(plan.classes, things=things),
        runtimes=("onnx", "openvino"),
        input=InputSpec(
            layout=Layout.NCDHW if plan.orientation else Layout.NCHW,
            channels=plan.channels,
            levels=plan.levels,
            mean=(0.0,) * plan.bands,
            std=(1.0,) * plan.bands,
            fit=Fit.FREE,
            multiple=plan.multiple,
        ),
        decoder=teaching.decoder(plan),
        sources=(LocalSource(file=f"{name}.onnx"),),
        licence=licence,
        volume=volume,
        about=about,
    )
