import numpy as np
import pytest
import rasterio

NORTH = rasterio.Affine(10.0, 0.0, 500000.0, 0.0, -10.0, 4100000.0)


@pytest.fixture
def scene(tmp_path):
    """Write bands (C, H, W) as a GeoTIFF and return its path."""

    def make(pixels, name="scene.tif", crs="EPSG:32633", transform=NORTH, **profile):
        pixels = np.asarray(pixels)
        path = tmp_path / name
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=pixels.shape[1],
            width=pixels.shape[2],
            count=len(pixels),
            dtype=pixels.dtype,
            crs=crs,
            transform=transform,
            **profile,
        ) as target:
            target.write(pixels)
        return path

    return make


@pytest.fixture
def ground():
    """Four bands (blue, green, red, nir) of Sentinel-2 with water, forest, fields and bare soil."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 4, (7, 9)).repeat(20, 0).repeat(20, 1)
    means = np.array(
        [
            [900, 800, 500, 200],
            [300, 500, 300, 4000],
            [500, 900, 800, 1900],
            [1200, 1500, 1900, 2200],
        ]
    )
    noise = rng.normal(0, 30, (4, *kinds.shape))
    return kinds, (means[kinds].transpose(2, 0, 1) + noise).astype(np.uint16)
