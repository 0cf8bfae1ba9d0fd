"""The published layers of a MeshNet, evaluated in plain numpy: slow, and independent of ours."""

import json

import numpy as np


def evaluate(topology, weights, volume):
    """Return logits (classes, D, H, W) of a volume (D, H, W) float32."""
    plan = json.loads(topology.read_text())
    data = np.fromfile(weights, "<f4")
    held, at = {}, 0
    for row in plan["weightsManifest"][0]["weights"]:
        count = int(np.prod(row["shape"]))
        held[row["name"]] = data[at : at + count].reshape(row["shape"])
        at += count
    values = volume[np.newaxis].astype(np.float32)
    for layer in plan["modelTopology"]["model_config"]["config"]["layers"]:
        config = layer["config"]
        if layer["class_name"] == "Conv3D":
            kernel = held[config["name"] + "/kernel"]
            bias = held.get(config["name"] + "/bias")
            values = convolved(values, kernel, bias, config["dilation_rate"][0])
            if config["name"].endswith("_gn"):
                flat = values.reshape(len(values), -1).astype(np.float64)
                mean, spread = flat.mean(axis=1), flat.var(axis=1)
                shape = (-1, 1, 1, 1)
                root = np.sqrt(spread + 1e-5).reshape(shape)
                values = ((values - mean.reshape(shape)) / root).astype(np.float32)
        elif layer["class_name"] == "Activation":
            values = ACTIVATIONS[config["activation"]](values)
    return values


def convolved(values, kernel, bias, dilation):
    """Same-size convolution: one shifted product for each of the taps."""
    side = kernel.shape[0]
    reach = dilation * (side // 2)
    padded = np.pad(values, [(0, 0)] + [(reach, reach)] * 3)
    size = values.shape[1:]
    made = np.zeros((kernel.shape[-1], int(np.prod(size))), np.float32)
    for tap in np.ndindex(side, side, side):
        window = tuple(
            slice(k * dilation, k * dilation + n) for k, n in zip(tap, size, strict=True)
        )
        made += kernel[tap].T @ padded[(slice(None), *window)].reshape(len(values), -1)
    if bias is not None:
        made += bias[:, np.newaxis]
    return made.reshape(-1, *size)


def gelu(values):
    from scipy.special import erf

    return (0.5 * values * (1 + erf(values / np.sqrt(2)))).astype(np.float32)


ACTIVATIONS = {
    "elu": lambda values: np.where(values > 0, values, np.expm1(np.minimum(values, 0))),
    "gelu": gelu,
    "linear": lambda values: values,
}
