"""The live page: in a real browser with a film as its camera, and over a bare WebSocket."""

import asyncio
import io
import json
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
import websockets
from PIL import Image as Pillow

from pixelwise.io.video import VideoFile
from tests.service.browser import CHROMIUM, browser, film_of, wait_for
from tests.service.conftest import picture

FIRST = 300


@pytest.fixture(scope="module")
def film(data_dir, tmp_path_factory):
    video = data_dir / "videos" / "one-by-one-person-detection.mp4"
    return film_of(video, tmp_path_factory.mktemp("film") / "film.y4m", first=FIRST, count=8)


@pytest.fixture
def page(film, server, model_dir):
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    with browser(film) as made:
        page = made.new_page(viewport={"width": 1100, "height": 760})
        page.wrong = []
        page.on("console", lambda said: page.wrong.append(said.text))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("request", lambda asked: page.wrong.append(asked.url) if foreign(asked) else None)
        page.goto(f"{server.url}/live")
        yield page


def foreign(asked):
    return not asked.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


def shown(page):
    """Return what the page's canvas shows, RGB."""
    data = page.locator("#view").screenshot()
    return np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB"))


def frames(page, more):
    """Wait until so many more frames were put together."""
    page.evaluate("state.times.length = 0")
    wait_for(page, f"state.times.length >= {more}")


def test_live_page_when_the_background_is_chosen_then_it_is_replaced_and_the_person_stays(page):
    page.uncheck("#mirror")
    page.check("[value=original]")
    page.click("#start")
    frames(page, 2)
    original = shown(page)
    page.check("[value=colour]")
    page.fill("#colour", "#0047ff")
    frames(page, 3)
    blue = shown(page)
    height, width = blue.shape[:2]
    corners = [blue[20, width - 30], blue[height - 30, 30], blue[height - 30, width - 30]]
    for corner in corners:
        assert np.abs(corner.astype(int) - (0, 71, 255)).max() < 12
    replaced = (np.abs(blue.astype(int) - (0, 71, 255)).max(axis=2) < 40).mean()
    assert 0.6 < replaced < 0.95
    kept = np.abs(blue.astype(int) - original).max(axis=2) < 40
    assert 0.03 < kept.mean() < 0.4  # the man, who walks on meanwhile
    page.check("[value=blur]")
    frames(page, 3)
    assert cv2.Laplacian(shown(page)[: height // 2, width // 2 :], cv2.CV_64F).var() < (
        cv2.Laplacian(original[: height // 2, width // 2 :], cv2.CV_64F).var()
    )
    wait_for(page, "Number(document.getElementById('rate').textContent) > 0")
    assert float(page.text_content("#latency")) > 0
    page.click("#start")
    assert page.text_content("#start") == "Start"
    assert page.wrong == []


def test_live_page_when_a_picture_and_another_model_are_chosen_then_used(page, tmp_path):
    green = tmp_path / "green.png"
    green.write_bytes(picture(np.full((40, 60, 3), (0, 200, 0), np.uint8)))
    page.click("#start")
    frames(page, 1)
    page.check("[value=picture]")
    page.set_input_files("#picture", str(green))
    wait_for(page, "document.querySelectorAll('#model option').length > 1")
    page.select_option("#model", "selfie-landscape")
    frames(page, 2)
    corner = shown(page)[-30, -30].astype(int)
    assert np.abs(corner - (0, 200, 0)).max() < 12
    assert page.wrong == []


def test_live_page_when_narrow_then_nothing_is_cut_off(page):
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "start"


# over the wire


def talk(server, conversation, query=""):
    url = f"ws://{server.address[0]}:{server.address[1]}/live/frames{query}"

    async def run():
        async with websockets.connect(url, max_size=None, ping_interval=None) as wire:
            return await conversation(wire)

    return asyncio.run(run())


def frame(data_dir, number=1):
    for place, image in enumerate(VideoFile(data_dir / "videos/one-by-one-person-detection.mp4")):
        if place == FIRST:
            pixels = cv2.resize(image.pixels, (256, 192), interpolation=cv2.INTER_AREA)
            return struct.pack("<I", number) + picture(pixels, ".jpg")
    raise AssertionError


def test_wire_when_a_frame_comes_then_its_mask_goes_back(server, data_dir, model_dir):
    async def conversation(wire):
        await wire.send(frame(data_dir, 77))
        return await wire.recv()

    answer = talk(server, conversation)
    number, width, height = struct.unpack_from("<IHH", answer)
    levels = np.frombuffer(answer, np.uint8, offset=8).reshape(height, width)
    assert (number, width, height) == (77, 256, 192)
    assert 0.03 < (levels > 127).mean() < 0.4


def test_wire_when_frames_come_faster_than_masks_then_the_newest_is_answered(
    server, data_dir, model_dir
):
    async def conversation(wire):
        data = frame(data_dir)
        for number in range(60):
            await wire.send(struct.pack("<I", number) + data[4:])
        numbers = []
        while not numbers or numbers[-1] != 59:
            numbers.append(struct.unpack_from("<I", await wire.recv())[0])
        return numbers

    numbers = talk(server, conversation)
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 40


def closed(server, sent, query=""):
    """Return the code with which the service closes after what was sent."""

    async def conversation(wire):
        try:
            for part in sent:
                await wire.send(part)
            while True:
                await wire.recv()
        except websockets.ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else None

    return talk(server, conversation, query)


def test_wire_when_misused_then_closed_with_the_code_that_says_so(server, hasty):
    assert closed(server, ["text"]) == 1003
    assert closed(server, [b"abc"]) == 1003
    assert closed(server, [b"\0" * (5 << 20)]) == 1009
    assert closed(server, [b"\0\0\0\0no picture"]) == 1008
    assert closed(server, [], "?model=..%2Fx") == 1008
    assert closed(server, [b"\0\0\0\0x"], "?method=nothing") == 1008


def test_wire_when_pinged_a_lot_or_never_read_then_the_service_goes_on(server, client, data_dir):
    async def flood(wire):
        for _ in range(2000):
            await wire.ping()
        wire.transport.pause_reading()
        for number in range(200):
            await wire.send(struct.pack("<I", number) + frame_bytes)
        return True

    frame_bytes = frame(data_dir)[4:]
    before = server.resident()
    assert talk(server, flood)
    assert client.get("/healthz").status_code == 200
    assert server.resident() - before < 60e6


def test_wire_when_there_are_too_many_then_told_to_come_again(server):
    async def many():
        url = f"ws://{server.address[0]}:{server.address[1]}/live/frames"
        wires = [await websockets.connect(url) for _ in range(8)]
        late = await websockets.connect(url)
        with pytest.raises(websockets.ConnectionClosed) as end:
            await late.recv()
        for wire in wires:
            await wire.close()
        return end.value.rcvd.code

    assert asyncio.run(many()) == 1013


def test_wire_when_from_another_site_then_refused(server):
    async def visit():
        url = f"ws://{server.address[0]}:{server.address[1]}/live/frames"
        with pytest.raises(websockets.InvalidStatus) as end:
            await websockets.connect(url, origin="http://evil.example")
        return end.value.response.status_code

    assert asyncio.run(visit()) == 403


def test_wire_when_refused_then_the_reason_comes_as_text(server):
    async def conversation(wire):
        await wire.send(b"\0\0\0\0no picture")
        return json.loads(await wire.recv())

    assert talk(server, conversation)["code"] == "invalid"
