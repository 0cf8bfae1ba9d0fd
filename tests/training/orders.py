"""Orders of tiny trainings."""

from pixelwise.training.job import Order

SMALL = {
    "steps": 6,
    "epoch": 3,
    "warmup": 1,
    "patch": "64,64",
    "batch": 2,
    "precision": "32-true",
    "widths": "8,16",
    "ema": 0.5,
}


def order(folder, tmp_path, net="unet", **settings):
    return Order(
        data=folder,
        net=net,
        name=f"my-{net}",
        output=tmp_path / f"run-{net}",
        settings={**SMALL, **settings},
    )
