"""The guide, executed on the user's own picture: every technique side by side."""

from pixelwise.apps.compare.comparison import Comparison, Entry, Strip, Variant
from pixelwise.apps.compare.page import page
from pixelwise.apps.compare.pictures import contact_sheet
from pixelwise.apps.compare.running import compare
from pixelwise.apps.compare.table import table

__all__ = [
    "Comparison",
    "Entry",
    "Strip",
    "Variant",
    "compare",
    "contact_sheet",
    "page",
    "table",
]
