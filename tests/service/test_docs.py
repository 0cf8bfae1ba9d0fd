"""The lines of the README and of docs/http.md, and the Python client."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from pixelwise.core import Image, Prompts
from pixelwise.io.files import decode
from pixelwise.io.video import VideoFile, VideoWriter
from pixelwise.service.client import Client, RefusedRequest
from tests.films import picture as film_picture
from tests.service.conftest import picture

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "http.md"
LINES = [
    line.partition("  #")[0].replace("http://127.0.0.1:8000", "$URL")
    for page in (ROOT / "README.md", PAGE)
    for line in page.read_text(encoding="utf-8").splitlines()
    if line.startswith("curl")
]

PYTHON = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("docs")
    pixels = np.full((90, 120, 3), 60, np.uint8)
    pixels[:, 70:] = (220, 180, 40)
    (place / "photo.jpg").write_bytes(picture(pixels, ".jpg"))
    with VideoWriter(place / "film.mp4") as sink:
        for number in range(5):
            sink.write(Image(film_picture(number)), None)
    return place


@pytest.mark.parametrize("line", LINES)
def test_curl_line_of_the_page_when_run_then_answered(line, folder, server, model_dir):
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env={"URL": server.url, "PATH": "/usr/bin:/bin"},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if " -o " not in line:
        assert json.loads(done.stdout)
    elif "cutout" in line:
        assert decode((folder / "cutout.png").read_bytes()).pixels.shape == (90, 120, 4)
    else:
        assert (folder / "compare.html").read_text(encoding="utf-8").startswith("<!")


@pytest.mark.parametrize("text", PYTHON)
def test_python_of_the_page_when_run_then_no_error(text, folder, server, model_dir, monkeypatch):
    monkeypatch.chdir(folder)
    exec(text.replace("http://127.0.0.1:8000", server.url), {})  # noqa: S102 - our own page


def test_client_when_it_asks_then_masks_and_pictures(server, folder):
    client = Client(server.url)
    found = client.segment(folder / "photo.jpg", method="otsu", settings={"side": "darker"})
    (name, mask), *_ = found.masks()
    assert name == "foreground"
    assert mask[:, :68].all()
    assert found.size == (90, 120)
    again = client.segment(folder / "photo.jpg", method="otsu", settings={"side": "darker"})
    assert again.result_id == found.result_id
    shown = client.picture(Image(np.zeros((9, 9), np.uint8)), "overlay", method="otsu")
    assert shown.size == (9, 9)
    pointed = client.segment(
        folder / "photo.jpg", method="region-growing", prompts=Prompts(points=[(100, 40)])
    )
    assert pointed.record["segments"][0]["box"][0] > 60
    assert {row["name"] for row in client.methods()} > {"otsu", "k-means"}
    assert {row["name"] for row in client.models()} > {"selfie"}


def test_client_when_it_begins_a_job_then_the_files_are_brought_and_the_job_is_gone(
    server, folder, tmp_path
):
    heard = []
    client = Client(server.url)
    files = client.job(folder / "film.mp4", "video", tmp_path, method="otsu", tell=heard.append)
    assert files == [tmp_path / "result.mp4"]
    assert len(list(VideoFile(files[0]))) == 5
    assert heard[-1] == 1.0
    (tmp_path / "bad.nii.gz").write_bytes(b"no volume")
    with pytest.raises(RefusedRequest, match="422 "):
        client.job(tmp_path / "bad.nii.gz", "volume", tmp_path, method="otsu")


def test_client_when_refused_then_the_reason(server):
    with pytest.raises(RefusedRequest, match="422 invalid: ") as refused:
        Client(server.url).segment(b"no picture", method="otsu")
    assert refused.value.request_id
