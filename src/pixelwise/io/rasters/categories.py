"""Names and colours of classes in the side file in which GDAL and QGIS look for them."""

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pixelwise.core import Legend
from pixelwise.io.atomic import write_bytes

__all__ = ["categories_path", "write_categories"]

INTEGER, TEXT = 0, 2
"""GDAL's types of columns."""
COLUMNS = (
    ("Value", INTEGER, 5),
    ("Class", TEXT, 2),
    ("Red", INTEGER, 6),
    ("Green", INTEGER, 7),
    ("Blue", INTEGER, 8),
)
"""Name, type and GDAL's number for the use of each column of the table."""


def categories_path(path: Path) -> Path:
    """Return the side file of a raster."""
    return path.with_name(f"{path.name}.aux.xml")


def write_categories(path: Path, legend: Legend | None) -> None:
    """Write the raster attribute table of a label map beside it; without a legend there is none.

    GDAL's own format (PAM): category names by number, and a thematic table with colours.

    Raises:
        OutputError: The system refuses.
    """
    beside = categories_path(path)
    if legend is None:
        beside.unlink(missing_ok=True)
        return
    root = Element("PAMDataset")
    band = SubElement(root, "PAMRasterBand", band="1")
    names = {row.id: row.name for row in legend}
    listed = SubElement(band, "CategoryNames")
    for number in range(max(names) + 1):
        SubElement(listed, "Category").text = names.get(number, "")
    table = SubElement(band, "GDALRasterAttributeTable", tableType="thematic")
    for number, (name, kind, use) in enumerate(COLUMNS):
        column = SubElement(table, "FieldDefn", index=str(number))
        for key, value in (("Name", name), ("Type", kind), ("Usage", use)):
            SubElement(column, key).text = str(value)
    for number, row in enumerate(legend):
        line = SubElement(table, "Row", index=str(number))
        for value in (row.id, row.name, *row.colour):
            SubElement(line, "F").text = str(value)
    indent(root)
    write_bytes(beside, tostring(root, encoding="utf-8", xml_declaration=False) + b"\n")
