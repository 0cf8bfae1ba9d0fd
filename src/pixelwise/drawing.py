"""Image and result to image."""
