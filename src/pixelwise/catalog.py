"""Names become segmenters."""
