"""Chromium without a screen, with a film as its camera."""

import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import sync_playwright

from pixelwise.io.video import VideoFile

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def browser(film=None):
    """Give a Chromium; ``film`` is what its camera sees."""
    flags = list(FLAGS)
    if film is not None:
        flags += [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ]
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            yield made
        finally:
            made.close()


def wait_for(page, expression, seconds=90):
    """Wait until the page's expression is true; the page's own policy forbids it to wait itself."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        time.sleep(0.1)


def film_of(video: Path, place: Path, first=300, count=45):
    """Write part of a video as the raw film that Chromium takes, 640x480 at 30 frames/s."""
    with place.open("wb") as film:
        film.write(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n")
        for number, image in enumerate(VideoFile(video)):
            if number >= first + count:
                break
            if number >= first:
                pixels = cv2.resize(image.pixels, (640, 480), interpolation=cv2.INTER_AREA)
                planes = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2YUV_I420)
                film.write(b"FRAME\n" + planes.tobytes())
    return place
