"""Addresses and cameras as sources, on real servers (inputs 58 to 60, fault 9)."""

import time
from contextlib import closing

import cv2
import numpy as np
import pytest
from tests.films import picture
from tests.rtsp import rtsp_server

from pixelwise.core import Foreground
from pixelwise.errors import InputError
from pixelwise.io.video import VideoFile, VideoWriter
from pixelwise.io.video.camera import Camera
from pixelwise.io.video.streams import Stream
from pixelwise.pipeline import Live, State, run_live


@pytest.fixture(scope="module")
def server():
    with rtsp_server(40) as address:
        yield address


def test_rtsp_when_played_then_its_pictures_are_right(server):
    seen = list(Stream(f"{server}/live"))
    assert len(seen) == 40
    for number in (0, 7, 39):
        assert np.abs(seen[number].pixels.astype(int) - picture(number)).mean() < 4


def test_rtsp_when_it_stalls_then_the_deadline_ends_it_and_says_so(server):
    # Without a deadline the server would hang up after four seconds, and nothing be raised.
    with pytest.raises(InputError, match=r"nothing came for 0\.6 s"):
        list(Stream(f"{server}/stalls", patience_s=0.6))


def test_rtsp_when_it_sends_elsewhere_then_refused(server):
    with pytest.raises(InputError, match="not followed"):
        list(Stream(f"{server}/moved"))


def test_rtsp_when_nobody_answers_then_says_so():
    with pytest.raises(InputError, match="refused"):
        list(Stream("rtsp://127.0.0.1:9/live", patience_s=1))


def test_rtsp_when_the_server_goes_and_comes_back_then_the_recording_has_both(server, tmp_path):
    told = []
    rules = Live(lost_after_s=0.2, backoff_s=0.3, tell=told.append)
    reports = run_live(
        lambda: Stream(f"{server}/live"),
        lambda image: Foreground(np.ones(image.size, bool)),
        VideoWriter(tmp_path / "a.mp4"),
        live=rules,
    )
    start = time.monotonic()
    with closing(reports):
        for report in reports:
            if report.losses and report.state is State.LIVE:
                break
            assert time.monotonic() - start < 30
    assert told[:3] == [State.LIVE, State.LOST, State.LIVE]
    shown = list(VideoFile(tmp_path / "a.mp4"))
    assert len(shown) > 10
    times = [image.space.time_s for image in shown]
    assert times == sorted(times)


class Device:
    """What OpenCV gives for a camera; this machine has none."""

    def __init__(self, pictures, opens=True):
        self.pictures, self.opens, self.is_released = list(pictures), opens, False

    def isOpened(self):  # noqa: N802 - OpenCV's name
        return self.opens

    def set(self, *_):
        return False

    def read(self):
        picture = self.pictures.pop(0) if self.pictures else None
        return picture is not None, picture

    def release(self):
        self.is_released = True


def test_camera_when_another_size_comes_than_was_asked_for_then_noted_and_kept(monkeypatch):
    device = Device([picture(0, (48, 64))[..., ::-1]])
    monkeypatch.setattr(cv2, "VideoCapture", lambda _: device)
    (seen,) = Camera(0, size=(96, 128))
    assert seen.size == (48, 64)
    assert np.array_equal(seen.pixels, picture(0, (48, 64)))
    assert any("64 x 48" in note for note in seen.notes)


def test_camera_when_it_gives_nothing_any_more_then_ends_and_lets_go(monkeypatch):
    device = Device([picture(0), picture(1)])
    monkeypatch.setattr(cv2, "VideoCapture", lambda _: device)
    assert len(list(Camera(0))) == 2
    assert device.is_released


def test_camera_when_in_use_then_input_error(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", lambda _: Device([], opens=False))
    with pytest.raises(InputError, match="in use"):
        Camera(3)
