"""Long work: videos, volumes and rasters as jobs; comparing as one request."""

import time

import numpy as np
import pytest

from pixelwise.core import Image, Space
from pixelwise.io.files import decode, encode
from pixelwise.io.video import VideoFile, VideoWriter
from tests.films import picture as film_picture


def ended(client, job, seconds=60):
    end = time.monotonic() + seconds
    while True:
        made = client.get(f"/v1/jobs/{job['id']}").json()
        if made["state"] not in ("waiting", "running"):
            return made
        assert time.monotonic() < end, made
        time.sleep(0.1)


def begin(client, name, data, **fields):
    answer = client.post("/v1/jobs", files={"file": (name, data)}, data=fields)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    return answer.json()


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    with VideoWriter(path) as sink:
        for number in range(25):
            sink.write(Image(film_picture(number)), None)
    return path.read_bytes()


def test_job_when_a_video_then_a_video_comes_back_and_the_job_can_be_removed(
    client, film, tmp_path
):
    job = begin(client, "../../evil.mp4", film, kind="video", method="otsu", background="#00f")
    made = ended(client, job)
    assert made["state"] == "done", made
    assert made["progress"] == 1.0
    assert made["result"]["frames"] == 25
    assert made["files"] == ["result.mp4"]
    data = client.get(f"/v1/jobs/{job['id']}/files/result.mp4")
    place = tmp_path / "b.mp4"
    place.write_bytes(data.content)
    frames = list(VideoFile(place))
    assert len(frames) == 25
    blue = np.abs(frames[5].pixels.astype(int) - (0, 0, 255)).max(axis=2) < 60
    assert blue.mean() > 0.1
    assert client.get(f"/v1/jobs/{job['id']}/files/..%2finput.mp4").status_code in (404, 422)
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert client.get(f"/v1/jobs/{job['id']}").status_code == 404


def test_job_when_a_volume_then_labels_and_numbers(client):
    space = Space(spacing=(1.0, 1.0, 1.0), unit="mm", affine=np.diag([1.0, 1.0, 1.0, 1.0]))
    voxels = np.full((12, 20, 20, 1), -1000, np.int16)
    voxels[3:9, 5:15, 5:15] = 60
    data = encode(Image(voxels, space), ".nii.gz")
    job = begin(client, "a.nii.gz", data, kind="volume", method="otsu")
    made = ended(client, job)
    assert made["state"] == "done", made
    assert "labels.nii.gz" in made["files"]
    labels = client.get(f"/v1/jobs/{job['id']}/files/labels.nii.gz")
    assert labels.content[:2] == b"\x1f\x8b"


def test_job_when_a_raster_has_not_the_bands_of_its_sensor_then_said(client, data_dir):
    data = (data_dir / "geotiff" / "rio-tiler" / "scene_band1.tif").read_bytes()
    fields = {"kind": "raster", "preset": "vegetation", "sensor": "sentinel-2"}
    made = ended(client, begin(client, "a.tif", data, **fields))
    assert made["state"] == "failed"
    assert "sentinel-2 comes with" in made["error"]["message"]


def test_job_when_cancelled_then_its_worker_stops(client, film):
    settings = '{"spatial_radius": 40}'
    job = begin(client, "a.mp4", film, kind="video", method="mean-shift", settings=settings)
    time.sleep(0.5)
    start = time.monotonic()
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert time.monotonic() - start < 10
    assert client.get(f"/v1/jobs/{job['id']}").status_code == 404
    small = begin(client, "a.mp4", film, kind="video", method="threshold", settings='{"level": 1}')
    assert ended(client, small)["state"] == "done"


def test_job_when_the_file_or_the_ask_is_bad_then_refused_or_failed(client, film):
    assert failed(client, "a.mp4", b"no video", kind="video", method="otsu") == "failed"
    for name, fields, expected in (
        ("a.exe", {"kind": "video"}, 415),
        ("a.mp4", {"kind": "thing"}, 422),
        ("a.mp4", {}, 422),
        ("a.mp4", {"kind": "video", "background": "/etc/passwd"}, 422),
        ("a.mp4", {"kind": "video", "model": "../x"}, 422),
        ("a.mp4", {"kind": "video", "url": "http://x"}, 422),
    ):
        answer = client.post("/v1/jobs", files={"file": (name, film)}, data=fields)
        assert answer.status_code == expected, answer.text
    assert client.post("/v1/jobs", data={"kind": "video"}).status_code == 415
    assert client.get("/v1/jobs/nothing").status_code == 404


def failed(client, name, data, **fields):
    made = ended(client, begin(client, name, data, **fields))
    assert made["error"]["message"]
    assert "/" not in made["error"]["message"]
    return made["state"]


def test_compare_when_asked_then_a_table_a_page_or_a_sheet(client, two_halves):
    def ask(accept):
        files, data = {"image": two_halves}, {"methods": "otsu,k-means"}
        return client.post("/v1/compare", files=files, data=data, headers={"accept": accept})

    rows = ask("application/json").json()["entries"]
    assert [row["name"] for row in rows][:2] == ["otsu", "k-means"]
    assert ask("text/html").text.startswith("<!")
    assert decode(ask("image/png").content).width > 300
    bad = client.post("/v1/compare", files={"image": two_halves}, data={"methods": "nothing"})
    assert bad.status_code == 422
