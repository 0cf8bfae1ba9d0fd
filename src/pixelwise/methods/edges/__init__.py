"""Edge-based methods: boundaries first, then what they enclose.

One method a file, one row a method.
"""

ROWS: dict[str, str] = {
    "canny": "pixelwise.methods.edges.canny:Canny",
    "marr-hildreth": "pixelwise.methods.edges.marr_hildreth:MarrHildreth",
}
