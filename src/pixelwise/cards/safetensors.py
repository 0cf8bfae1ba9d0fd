"""The header of a safetensors file, checked before anything is read by it.

Source:
    Layout: 8 bytes little-endian length N, N bytes of JSON, then the tensors without gaps
    (huggingface/safetensors, README, Apache-2.0).
"""

import json
from math import prod
from pathlib import Path
from typing import Any

from pixelwise.errors import ModelError

__all__ = ["check_safetensors", "looks_like_safetensors"]

MOST_HEADER_BYTES = 25_000_000
MOST_TENSORS = 20_000
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "U16": 16, "I16": 16, "F16": 16, "BF16": 16,
    "U32": 32, "I32": 32, "F32": 32,
    "U64": 64, "I64": 64, "F64": 64, "C64": 64,
}  # fmt: skip


def looks_like_safetensors(head: bytes, size: int) -> bool:
    """Say whether the first bytes are a length and the brace of a header.

    >>> looks_like_safetensors((2).to_bytes(8, "little") + b"{}", 10)
    True
    """
    return len(head) > 8 and head[8:9] == b"{" and size > 8


def check_safetensors(path: Path) -> None:
    """Refuse a file whose header does not describe exactly what follows it.

    Raises:
        ModelError: The header is longer than the file or than 25 MB, is not JSON, names more than
            20 000 tensors, an unknown dtype, offsets that overlap or leave gaps, or a size that
            its shape does not give; or bytes follow the last tensor.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > size - 8:
            raise _refused(path, f"its header should be {length} bytes long, the file has {size}")
        if length > MOST_HEADER_BYTES:
            raise _refused(path, f"its header of {length} bytes is over {MOST_HEADER_BYTES}")
        text = file.read(length)
    tensors = text.count(b"data_offsets")
    if tensors > MOST_TENSORS:
        raise _refused(path, f"it names {tensors} tensors, more than {MOST_TENSORS}")
    header = _parsed(path, text)
    spans = [_span(path, name, row) for name, row in header.items() if name != "__metadata__"]
    end = 0
    for begin, stop in sorted(spans):
        if begin != end:
            raise _refused(path, f"its tensors overlap or leave a gap at byte {min(begin, end)}")
        end = stop
    if end != size - 8 - length:
        raise _refused(path, f"{size - 8 - length} bytes follow the header, its tensors take {end}")


def _parsed(path: Path, text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(path, f"its header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise _refused(path, "its header is not a JSON object")
    return header


def _span(path: Path, name: str, row: object) -> tuple[int, int]:
    if not isinstance(row, dict):
        raise _refused(path, f"tensor {name[:60]!r} is not described by an object")
    dtype, shape, offsets = row.get("dtype"), row.get("shape"), row.get("data_offsets")
    if dtype not in BITS:
        raise _refused(path, f"tensor {name[:60]!r} has the unknown dtype {str(dtype)[:20]!r}")
    if not _whole(shape) or not _whole(offsets) or len(offsets) != 2:  # type: ignore[arg-type]
        raise _refused(path, f"tensor {name[:60]!r} needs a shape and two offsets, 0 or more")
    begin, end = offsets  # type: ignore[misc]
    if (end - begin) * 8 != prod(shape) * BITS[dtype]:  # type: ignore[arg-type]
        raise _refused(path, f"tensor {name[:60]!r} spans {end - begin} bytes, its shape others")
    return begin, end


def _whole(values: object) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= 64
        and all(type(value) is int and 0 <= value < 1 << 62 for value in values)
    )


def _refused(path: Path, why: str) -> ModelError:
    return ModelError(f"{path.name} is not a sound safetensors file: {why}; get it again")
