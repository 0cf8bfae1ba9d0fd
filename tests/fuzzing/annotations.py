"""Coverage-guided random input against RLE decoding, polygon filling and COCO parsing.

``make fuzz`` runs it; by itself: ``python tests/fuzzing/annotations.py -max_total_time=300``.
Whatever the bytes, there is an answer equal to pycocotools' or an error of ours.
"""

import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pixelwise"]):
    import numpy as np

    from pixelwise.core import Rle
    from pixelwise.errors import PixelwiseError
    from pixelwise.io.annotations.converting import faults_of, open_dataset
    from pixelwise.io.annotations.outline import Outline

from pycocotools import mask as theirs

FILE = Path(tempfile.mkdtemp()) / "a.json"
SIDE = 24


def main() -> None:
    """Run until libFuzzer's options say stop."""
    atheris.Setup([*sys.argv, f"-artifact_prefix={FILE.parent}/"], one_input)
    atheris.Fuzz()


def one_input(data: bytes) -> None:
    """Try one input on the parser that its first byte chooses."""
    source = atheris.FuzzedDataProvider(data)
    try:
        (run_lengths, polygon, coco)[source.ConsumeIntInRange(0, 2)](source)
    except PixelwiseError:
        return


def run_lengths(source: "atheris.FuzzedDataProvider") -> None:
    """Decode text; pycocotools must find the same pixels in it."""
    size = source.ConsumeIntInRange(1, SIDE), source.ConsumeIntInRange(1, SIDE)
    text = source.ConsumeBytes(64)
    mask = Rle.parse(size, text).decode()
    made = {"size": list(size), "counts": Rle.encode(mask).text.encode()}
    assert mask.shape == size
    assert np.array_equal(theirs.decode(made).astype(bool), mask)


def polygon(source: "atheris.FuzzedDataProvider") -> None:
    """Fill a ring; pycocotools must fill the same pixels."""
    height, width = source.ConsumeIntInRange(1, SIDE), source.ConsumeIntInRange(1, SIDE)
    count = source.ConsumeIntInRange(3, 8)
    numbers = [source.ConsumeFloatInRange(-2.0 * SIDE, 3.0 * SIDE) for _ in range(2 * count)]
    ring = np.round(np.reshape(numbers, (-1, 2)), 2)
    crop = Outline.of_rings([ring.tolist()]).crop((height, width))
    ours = np.zeros((height, width), bool)
    x0, y0, x1, y1 = crop.box
    ours[y0:y1, x0:x1] = crop.mask
    (made,) = theirs.frPyObjects([ring.reshape(-1).tolist()], height, width)
    assert np.array_equal(theirs.decode(made).astype(bool), ours)


def coco(source: "atheris.FuzzedDataProvider") -> None:
    """Read a file whose rows are nearly COCO's; the faults are listed or the pictures come."""
    size = [source.ConsumeInt(4), source.ConsumeInt(4)]
    shapes = (
        [[source.ConsumeFloat() for _ in range(source.ConsumeIntInRange(0, 9))]],
        {"size": size, "counts": [source.ConsumeInt(8) for _ in range(4)]},
        {"size": size, "counts": source.ConsumeUnicodeNoSurrogates(16)},
        None,
    )
    row = {
        "id": source.ConsumeInt(8),
        "image_id": source.ConsumeIntInRange(0, 2),
        "category_id": source.ConsumeIntInRange(0, 2),
        "segmentation": shapes[source.ConsumeIntInRange(0, 3)],
    }
    image = {"id": 1, "file_name": source.ConsumeUnicodeNoSurrogates(6)}
    image |= {"height": size[0], "width": size[1]}
    table = {"images": [image], "annotations": [row], "categories": [{"id": 1, "name": "cat"}]}
    text = json.dumps(table).encode()
    cut = source.ConsumeIntInRange(0, 2 * len(text))
    FILE.write_bytes(text[:cut] + source.ConsumeBytes(8) + text[cut:])
    for fault in faults_of(FILE, "coco"):
        assert fault.path
    for sample in open_dataset(FILE, "coco"):
        assert len(sample.objects.size) == 2


if __name__ == "__main__":
    main()
