"""Live sources: the newest picture, losses seen within a second, reconnection (faults 9, 58-60)."""

import http.server
import os
import threading
import time
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from pixelwise.core import Foreground, Image
from pixelwise.errors import InputError
from pixelwise.io.video import VideoFile, VideoWriter
from pixelwise.io.video.streams import Stream
from pixelwise.pipeline import Live, State, run_live
from pixelwise.refine import Stable
from tests.films import picture


class Nowhere:
    def __init__(self):
        self.images, self.closed = [], False

    def __enter__(self):
        return self

    def write(self, image, _):
        self.images.append(image)

    def __exit__(self, *_):
        self.closed = True


def everything(image):
    return Foreground(np.ones(image.size, bool))


def paced(count, step_s=0.005, first=0):
    for number in range(first, first + count):
        time.sleep(step_s)
        yield Image(picture(number))


def test_live_when_segmenting_is_slow_then_late_frames_are_dropped_and_counted():
    def slowly(image):
        time.sleep(0.03)
        return everything(image)

    sink = Nowhere()
    reports = run_live(lambda: paced(100), slowly, sink, live=Live(reopens=False))
    last = list(reports)[-1]
    assert last.state is State.ENDED
    assert last.frames + last.late <= 100
    assert last.late > 40
    assert sink.closed
    assert np.array_equal(sink.images[-1].pixels, picture(99))
    assert 25 < last.latency_ms() < 200


def test_live_when_the_source_stalls_then_lost_within_a_second_and_back_again():
    told, opened = [], []

    def opener():
        opened.append(time.monotonic())
        return stalls() if len(opened) == 1 else paced(400, first=50)

    def stalls():
        yield from paced(20)
        time.sleep(1.2)  # hangs, then gives up

    def tell(state):
        told.append((state, time.monotonic()))

    sink = Nowhere()
    rules = Live(lost_after_s=0.4, backoff_s=0.05, tell=tell)
    start = time.monotonic()
    reports = run_live(opener, everything, sink, live=rules)
    with closing(reports):
        for report in reports:
            if report.losses and report.state is State.LIVE and report.frames > 30:
                break
            assert time.monotonic() - start < 20
    states = [state for state, _ in told]
    assert states[:3] == [State.LIVE, State.LOST, State.LIVE]
    assert len(opened) == 2
    assert sink.closed
    assert any("stale" in image.notes for image in sink.images)
    lost = told[1][1] - told[0][1]
    assert lost < 1.4  # twenty frames and the patience, with room for a busy machine


def test_live_when_a_camera_repeats_one_picture_then_lost():
    def frozen():
        still = Image(picture(0))
        while True:
            time.sleep(0.005)
            yield still

    rules = Live(lost_after_s=0.2, freezes=True)
    reports = run_live(frozen, everything, Nowhere(), live=rules)
    start = time.monotonic()
    with closing(reports):
        for report in reports:
            if report.state is State.LOST:
                break
            assert time.monotonic() - start < 5
    assert report.frames == 1


@pytest.mark.parametrize("reopens", [True, False])
def test_live_when_the_source_is_not_there_then_raised(reopens):
    def opener():
        raise InputError("no camera")

    with pytest.raises(InputError, match="no camera"):
        list(run_live(opener, everything, Nowhere(), live=Live(reopens=reopens)))


def test_live_when_recorded_and_the_source_vanishes_then_the_recording_plays(tmp_path):
    sink = VideoWriter(tmp_path / "a.mp4")
    list(run_live(lambda: paced(40), everything, sink, live=Live(reopens=False)))
    assert 1 <= len(list(VideoFile(tmp_path / "a.mp4"))) <= 40


def test_live_when_it_runs_long_then_memory_and_threads_stay():
    sizes, threads = [], []

    class Watch(Nowhere):
        count = 0

        def write(self, *_):
            self.count += 1
            if self.count % 100 == 0:
                pages = int(Path("/proc/self/statm").read_text().split()[1])
                sizes.append(pages * os.sysconf("SC_PAGE_SIZE"))
                threads.append(threading.active_count())

    def endless():
        base = np.zeros((240, 320, 3), np.uint8)
        for number in range(1500):
            time.sleep(0.001)
            yield Image(np.roll(base, number))

    rules = Live(reopens=False)
    list(run_live(endless, everything, Watch(), refine=Stable.live(), live=rules))
    assert len(sizes) >= 4
    assert sizes[-1] - sizes[1] < 4e6
    assert len(set(threads[:-1])) == 1


class Cam(http.server.BaseHTTPRequestHandler):
    """MJPEG: a few pictures, then what the path says."""

    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest")
            self.end_headers()
            return
        if self.path == "/headers":
            self.wfile.write(b"HTTP/1.0 200 OK\r\n")
            try:
                for number in range(100_000):
                    self.wfile.write(b"X-%d: y\r\n" % number)
            except OSError:
                return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for number in range(60 if self.path == "/dies" else 40):
            data = cv2.imencode(".jpg", picture(number)[..., ::-1])[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + data + b"\r\n")
            except OSError:
                return
        if self.path == "/stalls":
            time.sleep(3)

    def log_message(self, *_):
        pass


@pytest.fixture
def camera():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cam)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_stream_when_it_ends_then_its_pictures_were_right(camera):
    seen = list(Stream(f"{camera}/dies"))
    assert len(seen) >= 55
    assert np.abs(seen[5].pixels.astype(int) - picture(5)).mean() < 4


def test_stream_when_it_stalls_then_the_deadline_ends_it(camera):
    start = time.monotonic()
    with pytest.raises(InputError):
        list(Stream(f"{camera}/stalls", patience_s=0.5))
    assert time.monotonic() - start < 2.5


def test_stream_when_redirected_then_refused(camera):
    with pytest.raises(InputError, match="not followed"):
        list(Stream(f"{camera}/moved"))


def test_stream_when_headers_never_end_then_refused(camera):
    with pytest.raises(InputError):
        list(Stream(f"{camera}/headers", patience_s=2))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "concat:a|b", "gopher://x/", "data:x"])
def test_stream_when_the_scheme_is_another_then_refused(address):
    with pytest.raises(InputError, match="expected one of"):
        Stream(address)
