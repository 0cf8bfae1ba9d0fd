"""Thresholding: a pixel's own value decides. One method a file, one row a method."""

ROWS = {
    "threshold": "pixelwise.methods.threshold.threshold:Threshold",
    "otsu": "pixelwise.methods.threshold.otsu:Otsu",
    "multi-otsu": "pixelwise.methods.threshold.multi_otsu:MultiOtsu",
    "li": "pixelwise.methods.threshold.li:Li",
    "yen": "pixelwise.methods.threshold.yen:Yen",
    "triangle": "pixelwise.methods.threshold.triangle:Triangle",
    "isodata": "pixelwise.methods.threshold.isodata:Isodata",
    "adaptive": "pixelwise.methods.threshold.adaptive:Adaptive",
    "niblack": "pixelwise.methods.threshold.niblack:Niblack",
    "sauvola": "pixelwise.methods.threshold.sauvola:Sauvola",
    "hysteresis": "pixelwise.methods.threshold.hysteresis:Hysteresis",
}
