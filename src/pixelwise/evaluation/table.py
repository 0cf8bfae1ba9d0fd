"""The METRICS table: every score by its usual name, and which of them fit which result."""

from pixelwise.core import Foreground, Instances, Panoptic, Regions, Result, Semantic
from pixelwise.evaluation.metric import Metric
from pixelwise.registry import Registry

__all__ = ["METRICS", "defaults", "find"]

METRICS: Registry[Metric] = Registry(
    "metric",
    {
        "accuracy": "pixelwise.evaluation.pixels:ACCURACY",
        "miou": "pixelwise.evaluation.pixels:MIOU",
        "dice": "pixelwise.evaluation.pixels:DICE",
        "case_dice": "pixelwise.evaluation.pixels:CASE_DICE",
        "volume_error": "pixelwise.evaluation.pixels:VOLUME_ERROR",
        "boundary_iou": "pixelwise.evaluation.boundaries:BOUNDARY_IOU",
        "boundary_f": "pixelwise.evaluation.boundaries:BOUNDARY_F",
        "hd95": "pixelwise.evaluation.surfaces:HD95",
        "hausdorff": "pixelwise.evaluation.surfaces:HAUSDORFF",
        "surface_dice": "pixelwise.evaluation.surfaces:SURFACE_DICE",
        "ece": "pixelwise.evaluation.calibration:ECE",
        "matte_sad": "pixelwise.evaluation.mattes:SAD",
        "matte_mse": "pixelwise.evaluation.mattes:MSE",
        "matte_gradient": "pixelwise.evaluation.mattes:GRADIENT",
        "matte_connectivity": "pixelwise.evaluation.mattes:CONNECTIVITY",
        "covering": "pixelwise.evaluation.partitions:COVERING",
        "pri": "pixelwise.evaluation.partitions:PRI",
        "vi": "pixelwise.evaluation.partitions:VI",
        "ari": "pixelwise.evaluation.partitions:ARI",
        "contour_f": "pixelwise.evaluation.partitions:CONTOUR_F",
        "ap": "pixelwise.evaluation.objects:AP evaluate",
        "ap50": "pixelwise.evaluation.objects:AP50 evaluate",
        "ap75": "pixelwise.evaluation.objects:AP75 evaluate",
        "ar": "pixelwise.evaluation.objects:AR evaluate",
        "lvis_ap": "pixelwise.evaluation.objects:LVIS_AP evaluate",
        "dsb_ap": "pixelwise.evaluation.nuclei:DSB_AP",
        "dsb_ap50": "pixelwise.evaluation.nuclei:DSB_AP50",
        "pq": "pixelwise.evaluation.panoptic:PQ",
        "sq": "pixelwise.evaluation.panoptic:SQ",
        "rq": "pixelwise.evaluation.panoptic:RQ",
        "hota": "pixelwise.evaluation.tracks:HOTA",
        "deta": "pixelwise.evaluation.tracks:DETA",
        "assa": "pixelwise.evaluation.tracks:ASSA",
        "mota": "pixelwise.evaluation.tracks:MOTA",
        "motsa": "pixelwise.evaluation.tracks:MOTSA",
        "smotsa": "pixelwise.evaluation.tracks:SMOTSA",
        "idf1": "pixelwise.evaluation.tracks:IDF1",
        "j_and_f": "pixelwise.evaluation.videos:J_AND_F",
        "j": "pixelwise.evaluation.videos:J",
        "f": "pixelwise.evaluation.videos:F",
        "flicker": "pixelwise.evaluation.flicker:FLICKER",
    },
)
"""Name -> the metric."""

_PICTURE = ("accuracy", "miou", "dice", "boundary_iou", "boundary_f", "hd95")
_VOLUME = ("accuracy", "miou", "dice", "hd95", "surface_dice", "volume_error")
_DEFAULTS: dict[type[Result], tuple[str, ...]] = {
    Foreground: _PICTURE,
    Semantic: _PICTURE,
    Regions: ("covering", "pri", "vi", "ari", "contour_f"),
    Instances: ("ap", "ap50", "ap75", "ar", "pq", "sq", "rq"),
    Panoptic: ("pq", "sq", "rq", "accuracy", "miou"),
}


def defaults(kind: type[Result], axes: int) -> tuple[str, ...]:
    """Return the metrics that fit a type of result with two or three axes.

    >>> defaults(Regions, 2)
    ('covering', 'pri', 'vi', 'ari', 'contour_f')
    """
    if axes == 3 and kind in (Foreground, Semantic):
        return _VOLUME
    return _DEFAULTS[kind]


def find(name: str, kind: type[Result]) -> Metric:
    """Return a metric by name; ``boundary_f`` of regions is the benchmark's, ``contour_f``.

    Raises:
        UnknownName: There is no such metric.
        MissingExtra: It needs a package that is not installed.
    """
    return METRICS["contour_f" if name == "boundary_f" and kind is Regions else name]
