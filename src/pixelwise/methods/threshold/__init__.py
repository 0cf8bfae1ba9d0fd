"""Thresholding: a pixel's own value decides. One method a file, one row a method."""

ROWS = {
    "otsu": "pixelwise.methods.threshold.otsu:Otsu",
}
