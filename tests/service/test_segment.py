"""POST /v1/segment gives what the command line gives, in every form."""

import json
import subprocess
import sys

import numpy as np
import pytest

from pixelwise.catalog import choices
from pixelwise.core import Rle, Task
from pixelwise.io.files import decode
from tests.service.conftest import picture


def post(client, data, accept=None, **fields):
    headers = {} if accept is None else {"accept": accept}
    return client.post("/v1/segment", files={"image": data}, data=fields, headers=headers)


def test_segment_when_asked_by_form_then_the_record_of_the_command_line(
    client, two_halves, tmp_path
):
    path = tmp_path / "a.png"
    path.write_bytes(two_halves)
    command = [sys.executable, "-m", "pixelwise", "segment", str(path), "--method", "otsu"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    expected = json.loads(done.stdout)
    answer = post(client, two_halves, method="otsu")
    assert answer.status_code == 200
    made = answer.json()
    for name in expected.keys() - {"input", "seconds", "files"}:
        assert made[name] == expected[name], name
    assert set(made["seconds"]) == set(expected["seconds"])


def test_segment_when_asked_by_raw_body_then_the_same(client, two_halves):
    form = post(client, two_halves, method="otsu", settings='{"side": "darker"}')
    body = client.post(
        "/v1/segment",
        params={"method": "otsu", "settings": '{"side": "darker"}'},
        content=two_halves,
        headers={"content-type": "image/png"},
    )
    assert body.status_code == 200
    assert body.json()["segments"] == form.json()["segments"]
    assert body.headers["x-result-id"] == form.headers["x-result-id"]
    rle = body.json()["segments"][0]["rle"]
    mask = Rle.parse(tuple(rle["size"]), rle["counts"]).decode()
    assert mask[:, :16].all()
    assert not mask[:, 16:].any()


@pytest.mark.parametrize(
    ("accept", "first", "channels"),
    [
        ("image/png", b"\x89PNG", 1),
        ("image/png; kind=overlay", b"\x89PNG", 3),
        ("image/png; kind=cutout", b"\x89PNG", 4),
        ("image/png; kind=labels", b"\x89PNG", 1),
        ("image/webp; kind=cutout", b"RIFF", 4),
        ("image/jpeg", b"\xff\xd8", 3),
        ("text/html, image/*;q=0.8", b"\x89PNG", 1),
    ],
)
def test_segment_when_accept_names_a_form_then_that_form(
    client, two_halves, accept, first, channels
):
    answer = post(client, two_halves, accept, method="otsu")
    assert answer.status_code == 200
    assert answer.content.startswith(first)
    pixels = decode(answer.content).pixels
    assert pixels.shape[:2] == (24, 32)
    assert pixels.shape[2] == channels or len(set(map(int, pixels[0, 0]))) == 1
    if accept == "image/png":
        assert np.array_equal(pixels[..., 0] > 0, np.indices((24, 32))[1] >= 16)


def test_segment_when_accept_names_coco_then_coco(client, two_halves):
    answer = post(client, two_halves, "application/json; kind=coco", method="otsu")
    assert set(answer.json()) >= {"images", "annotations", "categories"}


def test_segment_when_prompted_then_the_prompt_counts(client, two_halves):
    for x, expected in ((4, 0), (28, 16)):
        prompts = json.dumps({"points": [[x, 10]]})
        answer = post(client, two_halves, method="region-growing", prompts=prompts)
        assert answer.status_code == 200, answer.text
        assert answer.json()["segments"][0]["box"][0] == expected


def test_segment_when_no_method_is_named_then_the_best_ready_model(client, model_dir, data_dir):
    photo = next((data_dir / "people_ccp" / "photos").glob("*.jpg"))
    answer = post(client, photo.read_bytes())
    made = answer.json()
    assert made["model"] == choices()[Task.FOREGROUND].names[0]
    assert 0.1 < made["segments"][0]["area"] / (made["width"] * made["height"]) < 0.9


def test_segment_when_asked_twice_then_equal_but_for_the_time(client, two_halves):
    first, second = (post(client, two_halves, method="k-means") for _ in range(2))
    one, two = first.json(), second.json()
    assert one.pop("seconds") != two.pop("seconds")
    assert one == two
    assert first.headers["x-result-id"] == second.headers["x-result-id"]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_segment_when_the_request_has_an_id_then_the_answer_has_it(client, two_halves):
    for given, kept in (("job-7.a", True), ("a b", False), ("x" * 65, False)):
        answer = client.get("/healthz", headers={"x-request-id": given})
        assert (answer.headers["x-request-id"] == given) is kept


def test_answers_when_given_then_with_security_headers(client):
    for path in ("/healthz", "/v1/models", "/nothing"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "content-security-policy" in headers
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_tables_when_asked_then_what_the_package_has(client):
    methods = {row["name"]: row for row in client.get("/v1/methods").json()}
    assert len(methods) >= 30
    assert [row["name"] for row in methods["otsu"]["settings"]]
    models = {row["name"]: row for row in client.get("/v1/models").json()}
    level, *_ = models["selfie"]["settings"]
    assert (level["name"], level["default"], level["range"]) == ("threshold", "0.5", "0..1")


def test_metrics_when_asked_then_requests_are_counted(client, two_halves):
    post(client, two_halves, method="otsu")
    text = client.get("/metrics").text
    assert 'route="/v1/segment",status="200"' in text
    for name in ("worker_bytes", "load", "jobs", "workers", "worker_restarts"):
        assert f"pixelwise_{name} " in text


def test_picture_when_large_then_answered(client):
    noise = np.random.default_rng(0).integers(0, 255, (900, 900, 3), np.uint8)
    answer = post(client, picture(noise), "image/png; kind=labels", method="otsu")
    assert answer.status_code == 200
