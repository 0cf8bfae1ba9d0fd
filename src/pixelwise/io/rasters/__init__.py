"""Maps: georeferenced rasters by windows, and polygons, all by GDAL (extra ``geo``)."""
