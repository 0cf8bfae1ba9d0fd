"""Long work: videos, volumes and rasters as jobs; comparing as one request."""

import json
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


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Sentinel-2's four bands: water on the left, forest on the right; and its name in CRS."""
    rasterio = pytest.importorskip("rasterio")
    kinds = np.indices((60, 80))[1] >= 40
    means = np.array([[900, 800, 500, 200], [300, 500, 300, 4000]])[kinds.astype(int)]
    noise = np.random.default_rng(0).normal(0, 30, (60, 80, 4))
    path = tmp_path_factory.mktemp("scene") / "scene.tif"
    profile = {"driver": "GTiff", "height": 60, "width": 80, "count": 4, "dtype": "uint16"}
    place = rasterio.Affine(10, 0, 500_000, 0, -10, 4_100_000)
    with rasterio.open(path, "w", crs="EPSG:32633", transform=place, **profile) as target:
        target.write((means + noise).transpose(2, 0, 1).astype(np.uint16))
    return path.read_bytes()


def lesson(**more):
    """GeoJSON of one polygon of each class."""

    def feature(name, x0, x1):
        top, bottom = 4_100_000 - 50, 4_100_000 - 550
        ring = [[x0, top], [x1, top], [x1, bottom], [x0, bottom], [x0, top]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        return {"type": "Feature", "properties": {"class": name}, "geometry": geometry}

    rows = [feature("water", 500_050, 500_350), feature("forest", 500_450, 500_750)]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    return json.dumps({"type": "FeatureCollection", "features": rows, "crs": crs, **more}).encode()


def taught(client, scene, data, name="places.geojson", **fields):
    files = {"file": ("scene.tif", scene), "lesson": (name, data)}
    fields = {"kind": "raster", "method": "objects", "sensor": "sentinel-2", **fields}
    return client.post("/v1/jobs", files=files, data=fields)


def test_job_when_objects_learn_from_polygons_then_their_classes(client, scene):
    made = ended(client, taught(client, scene, lesson(), settings='{"least": 1}').json())
    assert made["state"] == "done", made
    shares = {row["name"]: row["share"] for row in made["result"]["classes"]}
    assert shares == pytest.approx({"water": 0.5, "forest": 0.5}, abs=0.05)
    assert "labels.tif" in made["files"]


def test_job_when_the_lesson_is_bad_or_nothing_learns_then_said(client, scene):
    link = {"type": "link", "properties": {"href": "http://127.0.0.1:9/"}}
    for data in (b"<OGRVRTDataSource/>", lesson(crs=link)):
        made = ended(client, taught(client, scene, data).json())
        assert made["state"] == "failed"
        assert made["error"]["message"].startswith("labelled places: ")
    for fields, name, expected in (
        ({"kind": "video"}, "a.geojson", 422),
        ({}, "a.gpkg", 415),
    ):
        assert taught(client, scene, lesson(), name, **fields).status_code == expected
    made = ended(client, taught(client, scene, lesson(), method="k-means").json())
    assert "objects" in made["error"]["message"]


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
