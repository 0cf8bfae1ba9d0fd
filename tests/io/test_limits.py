"""Limits are checked from headers: fault 13 of the contract."""

import subprocess
import sys

import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.errors import LimitError
from pixelwise.io.files import decode, encode
from pixelwise.io.format import Reading
from pixelwise.io.limits import SERVER, Limits, free_memory

NOISE = np.random.default_rng(0).integers(0, 256, (100, 100, 3)).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".bmp", ".avif"])
def test_pixels_and_memory_are_limited_in_every_format(suffix):
    data = encode(Image(NOISE), suffix)
    assert decode(data, "a" + suffix, Reading(limits=SERVER)).size == (100, 100)
    with pytest.raises(LimitError, match="9999 pixels"):
        decode(data, "a" + suffix, Reading(limits=Limits(pixels=9999)))
    with pytest.raises(LimitError, match="MiB"):
        decode(data, "a" + suffix, Reading(limits=Limits(memory=20_000)))


def test_server_grants_less():
    assert SERVER.pixels == 64_000_000
    assert Limits().pixels == 512_000_000
    assert SERVER.frames == 60
    assert SERVER.file_bytes == 32 * 1024 * 1024


def test_free_memory_is_known():
    assert free_memory() > 0


@pytest.mark.skipif(sys.platform != "linux", reason="needs the limits of Linux")
def test_process_with_little_memory_refuses_before_it_allocates():
    """400 million pixels need more than the 1.5 GB that the child may have."""
    code = (
        "import resource, struct, zlib\n"
        "from pixelwise.io.files import decode\nfrom pixelwise.errors import LimitError\n"
        "import pixelwise.io.codecs.png\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 29, 3 << 29))\n"
        "def chunk(kind, body):\n"
        "    return struct.pack('>I', len(body)) + kind + body + "
        "struct.pack('>I', zlib.crc32(kind + body))\n"
        "data = b'\\x89PNG\\r\\n\\x1a\\n' + "
        "chunk(b'IHDR', struct.pack('>IIBBBBB', 20000, 20000, 8, 2, 0, 0, 0))\n"
        "data += chunk(b'IDAT', zlib.compress(bytes(60001))) + chunk(b'IEND', b'')\n"
        "try:\n    decode(data)\nexcept LimitError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MiB are allowed" in done.stdout, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory of Linux")
@pytest.mark.parametrize(
    ("suffix", "channels"), [(".png", 3), (".jpg", 3), (".tif", 3), (".bmp", 3)]
)
def test_estimate_is_near_the_real_peak(suffix, channels, tmp_path):
    """Never far below what decoding really takes, nor so far above that good files are refused."""
    pixels = np.zeros((4000, 5000, channels), np.uint8)
    path = tmp_path / f"large{suffix}"
    path.write_bytes(encode(Image(pixels), suffix))
    code = (
        "import sys\nfrom pixelwise.io.limits import Limits\n"
        "from pixelwise.io.files import read\nfrom pixelwise.core import Image\n"
        "from pixelwise.io import pictures, codecs\nimport numpy as np\n"
        "from pixelwise.io.files import encode, decode\n"
        "decode(encode(Image(np.zeros((8, 8, 3), np.uint8)), sys.argv[2]))\n"
        "asked = []\nplain = Limits.check\n"
        "def check(self, width, height, pixel_bytes, copies=2.0):\n"
        "    asked.append(width * height * pixel_bytes * copies)\n"
        "    plain(self, width, height, pixel_bytes, copies)\n"
        "Limits.check = check\n"
        "def peak():\n    status = open('/proc/self/status').read()\n"
        "    return int(status.partition('VmHWM:')[2].split()[0]) * 1024\n"
        "before = peak()\nread(sys.argv[1])\nprint(max(asked), peak() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), suffix], capture_output=True, text=True, check=True
    )
    asked, taken = (float(word) for word in done.stdout.split())
    taken -= path.stat().st_size
    assert 0.9 < asked / taken < 1.8
