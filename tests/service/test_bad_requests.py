"""Bad inputs 106 to 111: a refusal of our form, constant memory, the service alive."""

import json

import httpx
import numpy as np
import pytest

from tests.service.conftest import picture, raw, running, status


@pytest.fixture(autouse=True)
def _alive_afterwards(client, two_halves):
    yield
    answer = client.post("/v1/segment", files={"image": two_halves}, data={"method": "otsu"})
    assert answer.status_code == 200


def refused(answer, *statuses):
    assert answer.status_code in statuses, answer.text
    body = answer.json()
    assert set(body) == {"code", "message", "request_id"}
    assert body["request_id"] == answer.headers["x-request-id"]
    assert "/" not in body["message"].replace("image/", "").replace("form-data/", "").replace(
        "multipart/", ""
    ).replace("application/", "")
    assert "Traceback" not in body["message"]
    return body


def head(**headers):
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"POST /v1/segment?method=otsu HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()


# 106


def test_body_when_missing_then_400(client):
    refused(client.post("/v1/segment", headers={"content-type": "image/png"}), 400)
    refused(client.post("/v1/segment", files={"image": b""}), 400)


def test_type_when_wrong_then_415(client, two_halves):
    for kind in ("text/plain", "application/json", ""):
        answer = client.post("/v1/segment", content=two_halves, headers={"content-type": kind})
        refused(answer, 415)


def test_form_when_the_file_has_another_field_or_comes_twice_then_refused(client, two_halves):
    refused(client.post("/v1/segment", files={"picture": two_halves}), 422)
    refused(client.post("/v1/segment", files={"image": b"1", "other": b"2"}), 400)
    refused(client.post("/v1/segment", files=[("image", b"1"), ("image", b"2")]), 400)
    refused(client.post("/v1/segment", data={"method": "otsu"}, files={"x": (None, "y")}), 400)


def test_form_when_it_has_ten_thousand_fields_then_400(client, two_halves):
    fields = {f"f{number}": "1" for number in range(10_000)}
    refused(client.post("/v1/segment", files={"image": two_halves}, data=fields), 400)


def test_form_when_a_part_has_ten_thousand_headers_then_400(client):
    part = b"--b\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(10_000)) + b"\r\n1\r\n--b--\r\n"
    kind = {"content-type": "multipart/form-data; boundary=b"}
    refused(client.post("/v1/segment", content=part, headers=kind), 400)


@pytest.mark.parametrize("boundary", ["", "-" * 70, '"', "b" * 5000])
def test_form_when_the_boundary_is_odd_then_400(client, boundary):
    kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
    refused(client.post("/v1/segment", content=b"--" * 5000, headers=kind), 400)


def test_body_when_a_gigabyte_is_announced_then_413_unread(server):
    before = server.resident()
    for kind in ("application/x-www-form-urlencoded", "image/png"):
        answer = raw(server, head(Content_Type=kind, Content_Length=1 << 30) + b"a=1&" * 9000)
        assert status(answer) == [413]
    assert server.resident() - before < 20e6


# 107


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: -5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5x\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\n",
    ],
)
def test_length_when_nonsense_then_400_and_closed(server, lines):
    start = f"POST /v1/segment HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n{lines}"
    answer = raw(server, start.encode() + b"\r\n5\r\nhello\r\n0\r\n\r\n")
    assert status(answer)[0] in (400, 411, 501)
    assert len(status(answer)) == 1
    assert b"connection: close" in answer.lower()


def test_length_when_shorter_than_the_body_then_the_rest_is_refused(server, two_halves):
    answer = raw(server, head(Content_Type="image/png", Content_Length=10) + two_halves)
    assert status(answer) == [422, 400] or status(answer) == [422]


def test_body_when_chunked_then_411_and_closed(server):
    start = head(Content_Type="image/png", Transfer_Encoding="chunked")
    assert status(raw(server, start + b"5\r\nhello\r\n" * 1000)) == [411]


# 108


@pytest.mark.parametrize("name", ["../../x", "C:\\x", "a\0b", "n" * 4096, "a\r\nX-Evil: 1", "é"])
def test_file_name_when_hostile_then_ignored(server, two_halves, name):
    part = (
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="'
        + name.encode()
        + b'"\r\nContent-Type: image/png\r\n\r\n'
        + two_halves
        + b"\r\n--b--\r\n"
    )
    start = head(
        Content_Type="multipart/form-data; boundary=b",
        Content_Length=len(part),
        Connection="close",
    )
    answer = raw(server, start + part)
    assert status(answer)[0] in (200, 400)
    assert name[:20].encode() not in answer
    assert b"X-Evil" not in answer


# 109


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://0.0.0.0/",
        "http://[::ffff:127.0.0.1]/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://127.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "file:///etc/passwd",
        "gopher://x/",
        "http://user@localhost/",
    ],
)
def test_url_when_given_anywhere_then_422_and_nothing_is_fetched(client, two_halves, url):
    refused(client.post("/v1/segment", files={"image": two_halves}, data={"url": url}), 422)
    refused(client.post("/v1/segment", params={"url": url}, files={"image": two_halves}), 422)
    refused(client.post("/v1/segment", files={"image": two_halves}, data={"model": url}), 422)
    refused(client.post("/v1/segment", files={"image": (None, url)}), 400, 422)
    kind = {"content-type": "image/png"}
    refused(client.post("/v1/segment", content=url.encode(), headers=kind), 422)


# 110


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("threshold", '{"level": NaN}'),
        ("threshold", '{"level": "nan"}'),
        ("multi-otsu", '{"classes": 1e308}'),
        ("multi-otsu", '{"classes": -1}'),
        ("threshold", '{"level": 1e999}'),
        ("threshold", '{"level": {"a": 1}}'),
        ("threshold", '{"level": [0.1, 0.2]}'),
        ("threshold", '{"level": null}'),
        ("multi-otsu", '{"classes": {"a": 1}}'),
        ("multi-otsu", '{"classes": "three"}'),
        ("multi-otsu", '{"classes": 2.5}'),
        ("multi-otsu", '{"unknown": 1}'),
        ("multi-otsu", '{"__class__": 1}'),
        ("otsu", '{"side": ["darker"]}'),
        ("otsu", '{"side": 5}'),
        ("otsu", '{"extras": {"model_path": "/etc/passwd"}}'),
        ("otsu", '{"threads": 64}'),
        ("otsu", '{"prompts": "x"}'),
        ("otsu", "[]"),
        ("otsu", "1"),
        ("otsu", "{"),
        ("otsu", "[" * 50_000),
        ("otsu", '{"side": "darker", "side": 1e400}'),
    ],
)
def test_settings_when_nonsense_then_422(client, two_halves, method, settings):
    data = {"method": method, "settings": settings}
    refused(client.post("/v1/segment", files={"image": two_halves}, data=data), 422)


@pytest.mark.parametrize(
    "fields",
    [
        {"method": "../../x"},
        {"method": "nothing-like-that"},
        {"model": "../../x"},
        {"model": "/etc/passwd"},
        {"model": "README.md"},
        {"method": "otsu", "model": "selfie"},
        {"task": "everything"},
        {"refine": "nothing"},
        {"extras": "{}"},
        {"model": "selfie", "settings": '{"trust_pickle": true}'},
        {"model": "selfie", "settings": '{"runtime": "x"}'},
        {"model": "selfie", "settings": '{"device": "cuda:9"}'},
        {"method": "region-growing", "prompts": '{"points": [[1e9, 1]]}'},
        {"method": "region-growing", "prompts": '{"points": [[40, 1]]}'},
        {"method": "region-growing", "prompts": '{"points": [[1]]}'},
        {"method": "region-growing", "prompts": '{"points": [["a", 1]]}'},
        {"method": "region-growing", "prompts": '{"masks": []}'},
        {"method": "region-growing", "prompts": '{"boxes": [[5, 5, 1, 1]]}'},
        {"method": "region-growing", "prompts": '{"labels": [1]}'},
        {"method": "otsu", "prompts": '{"points": [[1, 1]]}'},
        {"settings": '{"level": 1}'},
    ],
)
def test_fields_when_nonsense_then_422(client, two_halves, fields):
    refused(client.post("/v1/segment", files={"image": two_halves}, data=fields), 422)


def test_field_when_given_twice_then_400(client, two_halves):
    files = [("image", two_halves), ("method", (None, "otsu")), ("method", (None, "li"))]
    refused(client.post("/v1/segment", files=files), 400)
    query = {"method": "li"}
    answer = client.post(
        "/v1/segment", params=query, files={"image": two_halves}, data={"method": "otsu"}
    )
    refused(answer, 400)


# 111


def test_range_when_ten_thousand_then_ignored(client):
    ranges = ",".join(f"{n}-{n}" for n in range(9_000))
    answer = client.get("/v1/methods", headers={"range": f"bytes={ranges}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["HEAD", "TRACE", "PUT", "DELETE", "BREW", "OPTIONS"])
def test_method_when_unknown_then_405(client, method):
    answer = client.request(method, "/v1/segment")
    assert answer.status_code == 405
    if method != "HEAD":
        refused(answer, 405)


def test_head_when_a_megabyte_then_431(server):
    start = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * (1 << 20)
    assert status(raw(server, start)) in ([431], [])  # the rest may meet a closed connection
    assert status(raw(server, start[:70_000])) == [431]


@pytest.mark.parametrize("path", ["/%2e%2e%2fetc/passwd", "/..%2f..%2fetc", "/v1/../../x", "/%00"])
def test_path_when_it_climbs_then_404(server, path):
    start = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert status(raw(server, start.encode())) == [404]


@pytest.mark.parametrize("host", ["localhost/evil", "evil.com", "", "localhost:99999999", "a b"])
def test_host_when_not_of_this_machine_then_400(server, host):
    start = f"GET /v1/methods HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert status(raw(server, start.encode())) == [400]


def test_origin_when_another_site_then_403(client, two_halves):
    for origin in ("http://evil.example", "null", "http://localhost.evil.example"):
        answer = client.post("/v1/segment", files={"image": two_halves}, headers={"origin": origin})
        refused(answer, 403)


def test_head_when_no_http_then_400(server):
    for data in (b"hello\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0", b"GET / HTTP/9.9\r\n\r\n"):
        answer = raw(server, data)
        assert status(answer) == [400]
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "malformed"


def test_picture_when_bad_then_422_or_415(client, two_halves):
    bomb = bytearray(two_halves)
    bomb[16:24] = (50_000).to_bytes(4, "big") * 2  # the header's size; its checksum is now wrong
    for data, expected in (
        (b"no picture", 422),
        (two_halves[:60], 422),
        (bytes(bomb), 422),
        (b"%PDF-1.4", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
    ):
        refused(client.post("/v1/segment", files={"image": data}), expected)


def test_accept_when_nothing_fits_then_406(client, two_halves):
    for accept in ("text/html", "image/png; kind=nothing", "image/jpeg; kind=labels", "x"):
        files, headers = {"image": two_halves}, {"accept": accept}
        refused(client.post("/v1/segment", files=files, headers=headers), 406)


# tokens


def test_token_when_set_then_nothing_without_it(two_halves):
    with running(workers=1, token="secret-1") as own:  # noqa: S106
        assert httpx.get(f"{own.url}/healthz").status_code == 200
        good = {"authorization": "Bearer secret-1"}
        for path in ("/v1/methods", "/metrics", "/", "/live", "/v1/openapi.json"):
            assert httpx.get(own.url + path).status_code == 401
            bad = {"authorization": "Bearer secret-2"}
            assert httpx.get(own.url + path, headers=bad).status_code == 401
        assert httpx.get(f"{own.url}/v1/methods", headers=good).status_code == 200
        welcome = httpx.get(f"{own.url}/metrics?token=secret-1")
        assert welcome.status_code == 303
        assert welcome.headers["location"] == "/metrics"
        cookie = welcome.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        jar = {"cookie": cookie.partition(";")[0]}
        assert httpx.get(f"{own.url}/metrics", headers=jar).status_code == 200


def test_address_when_others_reach_it_then_a_token_is_wanted(capfd):
    from pixelwise.errors import InvalidSetting
    from pixelwise.service.settings import ServiceSettings

    for host in ("0.0.0.0", "::", "192.0.2.1", "example.com"):  # noqa: S104
        with pytest.raises(InvalidSetting, match="token"):
            ServiceSettings(host=host)
        assert ServiceSettings(host=host, token="t").token  # noqa: S106
    assert ServiceSettings(host="::1").is_loopback


def test_pixels_when_over_the_limit_then_refused_before_decoding(server, client):
    before = server.resident()
    flat = picture(np.zeros((9000, 9000), np.uint8))
    answer = client.post("/v1/segment", files={"image": flat}, data={"method": "otsu"})
    assert refused(answer, 422)["code"] == "limit"
    assert server.resident() - before < 30e6
