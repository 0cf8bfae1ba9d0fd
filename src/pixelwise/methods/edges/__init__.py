"""Edge-based methods: boundaries first, then what they enclose.

One method a file, one row a method.
"""

ROWS: dict[str, str] = {
    "canny": "pixelwise.methods.edges.canny:Canny",
    "marr-hildreth": "pixelwise.methods.edges.marr_hildreth:MarrHildreth",
    "active-contour": "pixelwise.methods.edges.active_contour:ActiveContour",
    "geodesic-contour": "pixelwise.methods.edges.geodesic_contour:GeodesicContour",
    "chan-vese": "pixelwise.methods.edges.chan_vese:ChanVese",
    "live-wire": "pixelwise.methods.edges.live_wire:LiveWire",
    "contour-hierarchy": "pixelwise.methods.edges.contour_hierarchy:ContourHierarchy",
}
