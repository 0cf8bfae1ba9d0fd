"""Maps: land cover, vegetation, water, towns, clouds and change from rasters of any size."""
