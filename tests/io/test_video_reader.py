"""Faults of video files: inputs 44 to 57, fault 10."""

import math
import os
import resource
import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.films import SIZE, film, picture

from pixelwise.errors import InputError, LimitError
from pixelwise.io.files import read
from pixelwise.io.limits import Limits
from pixelwise.io.video import VideoFile


def frames(path):
    return [image.pixels for image in VideoFile(path)]


def test_video_when_read_then_every_picture_is_the_one_that_was_written(tmp_path):
    video = VideoFile(film(tmp_path / "a.mp4", 12, options={"crf": "8"}))
    seen = list(video)
    assert (video.facts.height, video.facts.width) == SIZE
    assert video.facts.rate == 30
    assert [image.space.time_s for image in seen] == pytest.approx([n / 30 for n in range(12)])
    for number, image in enumerate(seen):
        assert np.abs(image.pixels.astype(int) - picture(number)).mean() < 3
    assert not video.damage
    assert not video.notes


def test_video_when_empty_then_input_error(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(InputError, match="empty"):
        VideoFile(tmp_path / "a.mp4")


def test_video_when_the_index_is_missing_then_says_so(tmp_path):
    path = film(tmp_path / "a.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    with pytest.raises(InputError, match="no index"):
        VideoFile(path)


def test_video_when_no_video_then_input_error(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(np.random.default_rng(0).bytes(3000))
    with pytest.raises(InputError, match="video"):
        VideoFile(path)


def test_video_when_a_fifo_or_folder_then_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(InputError, match="named pipe"):
        VideoFile(tmp_path / "pipe.mp4")
    with pytest.raises(InputError, match="folder"):
        VideoFile(tmp_path)


def noisy(number, size):
    generator = np.random.default_rng(0)
    ground = generator.integers(0, 255, (size[0] // 8, size[1] // 8, 3)).repeat(8, 0).repeat(8, 1)
    return np.roll(ground, 3 * number, axis=1).astype(np.uint8)


@pytest.mark.parametrize("seed", range(3))
def test_video_when_bytes_are_random_in_the_middle_then_the_list_is_the_truth(tmp_path, seed):
    options = {"preset": "ultrafast", "g": "15", "crf": "18"}
    path = film(tmp_path / "a.mp4", 90, size=(360, 640), options=options, make=noisy)
    clean = frames(path)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = np.random.default_rng(seed).bytes(2000)
    path.write_bytes(bytes(data))
    video = VideoFile(path)
    seen = [image.pixels for image in video]
    wrong = {
        number
        for number, (one, other) in enumerate(zip(seen, clean, strict=True))
        if np.abs(one.astype(int) - other).max() > 30
    }
    assert len(seen) == 90
    assert wrong
    assert {entry.frame for entry in video.damage} == wrong


def test_video_when_a_key_picture_is_lost_then_what_follows_is_listed(tmp_path):
    path = film(tmp_path / "a.mp4", 45)
    cut = tmp_path / "b.mkv"
    with av.open(str(path)) as source, av.open(str(cut), "w") as output:
        target = output.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.dts is not None and number != 15:
                packet.stream = target
                output.mux(packet)
    video = VideoFile(cut)
    count = len(list(video))
    damaged = {round(entry.time_s * 30) for entry in video.damage}
    assert count == 44
    assert damaged == set(range(16, 30))


def test_video_when_times_vary_then_kept_to_the_microsecond(tmp_path):
    times = [100, 103, 111, 140, 141, 200, 260]
    path = film(tmp_path / "a.mp4", 7, times=times, base=Fraction(1, 1000))
    seen = [image.space.time_s for image in VideoFile(path)]
    assert seen == pytest.approx([tick / 1000 for tick in times], abs=1e-7)


def test_clock_when_times_stand_still_go_back_or_lack_then_they_rise(tmp_path):
    from pixelwise.io.video.reader import _Clock

    facts = VideoFile(film(tmp_path / "a.mp4", 3)).facts
    clock = _Clock(facts, "a")
    step = round(1 / (facts.rate * facts.time_base))
    ticks = [round(clock(pts) / facts.time_base) for pts in (0, 0, -5, None, 4000)]
    assert ticks == [0, 1, 2, 2 + step, 4000]


def test_clock_when_there_are_neither_times_nor_a_rate_then_input_error(tmp_path):
    from pixelwise.io.video.reader import _Clock

    facts = replace(VideoFile(film(tmp_path / "a.mp4", 3)).facts, rate=Fraction(0))
    with pytest.raises(InputError, match="have no times"):
        _Clock(facts, "a")(None)


def test_video_when_its_size_changes_then_read_and_noted(tmp_path):
    path = tmp_path / "a.ts"
    parts = []
    for name, size in (("x.ts", (96, 128)), ("y.ts", (64, 96))):
        film(tmp_path / name, 10, size=size)
        parts.append((tmp_path / name).read_bytes())
    path.write_bytes(b"".join(parts))
    video = VideoFile(path)
    sizes = {image.size for image in video}
    assert sizes == {(96, 128), (64, 96)}
    assert any("size changes" in note for note in video.notes)


def test_video_when_turned_then_upright(tmp_path):
    path = film(tmp_path / "a.mp4", 2, options={"crf": "8"})
    data = path.read_bytes()
    plain = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    place = data.index(b"tkhd")
    at = data.index(plain, place)
    path.write_bytes(data[:at] + turned + data[at + 36 :])
    video = VideoFile(path)
    first = next(iter(video)).pixels
    assert (video.facts.height, video.facts.width) == SIZE[::-1]
    assert first.shape[:2] == SIZE[::-1]
    assert np.abs(first.astype(int) - np.rot90(picture(0), -1)).mean() < 4  # clockwise


YUV = {
    1: (0.2126, 0.0722),
    6: (0.299, 0.114),
    9: (0.2627, 0.0593),
}


def coloured(path, matrix, full, pixels):
    """Write one flat colour with the matrix and range said; return it as RGB."""
    red, green, blue = colour = (200, 60, 90)
    kr, kb = YUV[matrix]
    y = kr * red + (1 - kr - kb) * green + kb * blue
    cb, cr = (blue - y) / (2 * (1 - kb)), (red - y) / (2 * (1 - kr))
    deep = 4 if "10" in pixels else 1
    levels = (
        (y, cb + 128, cr + 128)
        if full
        else (16 + y * 219 / 255, 128 + cb * 224 / 255, 128 + cr * 224 / 255)
    )
    with av.open(str(path), "w") as output:
        stream = output.add_stream("ffv1", rate=10)
        stream.height, stream.width, stream.pix_fmt = 48, 64, pixels
        stream.codec_context.colorspace = matrix
        stream.codec_context.color_range = 2 if full else 1
        for pts in range(2):
            frame = av.VideoFrame(64, 48, pixels)
            for plane, level in zip(frame.planes, levels, strict=True):
                kind = np.uint16 if deep > 1 else np.uint8
                rows = np.full(
                    plane.buffer_size // np.dtype(kind).itemsize, round(level * deep), kind
                )
                plane.update(rows.tobytes())
            frame.pts, frame.colorspace, frame.color_range = pts, matrix, 2 if full else 1
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return colour


@pytest.mark.parametrize("matrix", [1, 6, 9])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv420p10le"])
def test_video_when_its_colours_are_coded_somehow_then_they_are_right(
    tmp_path, matrix, full, pixels
):
    colour = coloured(tmp_path / "a.mkv", matrix, full, pixels)
    seen = frames(tmp_path / "a.mkv")[0].reshape(-1, 3).mean(0)
    assert np.abs(seen - colour).max() <= 3


def test_video_when_only_sound_then_input_error(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as output:
        track = output.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4410), np.int16), layout="mono")
        frame.sample_rate = 44_100
        output.mux(track.encode(frame))
        output.mux(track.encode(None))
    with pytest.raises(InputError, match="no video stream"):
        VideoFile(path)


def test_video_when_the_head_says_more_frames_than_there_are_then_noted(tmp_path):
    path = film(tmp_path / "a.mp4", 40, options={"movflags": "faststart"})
    with (
        av.open(str(path)) as source,
        av.open(str(tmp_path / "b.mp4"), "w", options={"movflags": "faststart"}) as output,
    ):
        target = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = target
                output.mux(packet)
    data = (tmp_path / "b.mp4").read_bytes()
    (tmp_path / "b.mp4").write_bytes(data[: len(data) * 8 // 10])
    video = VideoFile(tmp_path / "b.mp4")
    count = len(list(video))
    assert 0 < count < 40
    assert any("truncated" in note and "40" in note for note in video.notes)


def test_video_when_larger_than_the_limit_then_refused(tmp_path):
    path = film(tmp_path / "a.mp4", 2)
    with pytest.raises(LimitError, match="over the limit"):
        VideoFile(path, Limits(pixels=1000))


def test_video_when_the_head_says_30000_columns_then_refused_before_memory_is_taken(tmp_path):
    options = {"level": "1"}
    path = film(
        tmp_path / "a.mkv", 2, size=(300, 400), codec="ffv1", pixels="bgra", options=options
    )
    data = path.read_bytes()
    for name, side in ((b"\xb0\x82", 400), (b"\xba\x82", 300)):  # PixelWidth, PixelHeight
        head = name + side.to_bytes(2, "big")
        assert data.count(head) == 1
        data = data.replace(head, name + (30_000).to_bytes(2, "big"))
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LimitError, match="over the limit"):
        VideoFile(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{other}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{other}'\n",
        "#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n",
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".txt"])
def test_video_when_a_playlist_then_refused(tmp_path, text, suffix):
    other = film(tmp_path / "other.ts", 3)
    path = tmp_path / f"list{suffix}"
    path.write_text(text.format(other=other))
    with pytest.raises(InputError):
        VideoFile(path)


def test_video_when_the_name_looks_like_a_protocol_then_it_is_a_file_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    film(tmp_path / "a.mp4", 2)
    Path("a.mp4").rename("concat:a|b.mp4")
    assert len(list(VideoFile("concat:a|b.mp4"))) == 2
    with pytest.raises(InputError, match="no such file"):
        VideoFile("subfile,,start,0,end,9,,:concat:a|b.mp4")


def element(number, body):
    """Return an EBML element: its id, its length in eight bytes, its body."""
    size = (number.bit_length() + 7) // 8
    return number.to_bytes(size, "big") + (1 << 56 | len(body)).to_bytes(8, "big") + body


def attachment(number):
    name, kind = f"{number}.txt".encode(), b"text/plain"
    rows = ((0x466E, name), (0x4660, kind), (0x465C, b"x" * 1000), (0x46AE, b"%08d" % number))
    return element(0x61A7, b"".join(element(*row) for row in rows))


def test_video_when_it_has_ten_thousand_attachments_then_they_are_ignored(tmp_path):
    film(tmp_path / "a.mkv", 3, options={"crf": "10"})
    data = (tmp_path / "a.mkv").read_bytes()
    cluster = data.index(b"\x1f\x43\xb6\x75")
    segment = data.index(b"\x18\x53\x80\x67")
    held = element(0x1941A469, b"".join(attachment(number) for number in range(10_000)))
    endless = b"\x01" + b"\xff" * 7  # a segment of unknown length
    head = data[: segment + 4] + endless + data[segment + 12 : cluster]
    (tmp_path / "b.mkv").write_bytes(head + held + data[cluster:])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = frames(tmp_path / "b.mkv")
    assert len(seen) == 3
    assert np.abs(seen[2].astype(int) - picture(2)).mean() < 4
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kB


def test_video_when_read_twice_then_the_same(tmp_path):
    video = VideoFile(film(tmp_path / "a.mp4", 5))
    first, second = list(video), list(video)
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, second, strict=True))
    assert math.isclose(first[-1].space.time_s, second[-1].space.time_s)


def test_read_when_a_video_is_given_as_a_picture_then_its_first_frame_and_a_note(tmp_path):
    path = film(tmp_path / "a.mp4", 3, options={"crf": "8"})
    image = read(path)
    assert np.abs(image.pixels.astype(int) - picture(0)).mean() < 3
    assert any("pixelwise video" in note for note in image.notes)


def test_video_when_its_pixel_format_changes_then_read(tmp_path):
    parts = []
    for name, pixels in (("x.ts", "yuv420p"), ("y.ts", "yuv444p")):
        film(tmp_path / name, 10, pixels=pixels)
        parts.append((tmp_path / name).read_bytes())
    (tmp_path / "a.ts").write_bytes(b"".join(parts))
    seen = frames(tmp_path / "a.ts")
    assert len(seen) >= 19
    assert np.abs(seen[3].astype(int) - picture(3)).mean() < 6
    assert np.abs(seen[-1].astype(int) - picture(9)).mean() < 6


def test_video_when_interlaced_then_both_fields_and_a_note(tmp_path):
    film(tmp_path / "a.mp4", 8, options={"x264-params": "tff=1"})
    video = VideoFile(tmp_path / "a.mp4")
    seen = [image.pixels for image in video]
    assert np.abs(seen[4].astype(int) - picture(4)).mean() < 6
    assert any("interlaced" in note for note in video.notes)


def test_video_when_hdr_then_a_note(tmp_path):
    film(
        tmp_path / "a.mkv",
        4,
        codec="libx265",
        pixels="yuv420p10le",
        options={"x265-params": "log-level=none:colorprim=9:transfer=16:colormatrix=9"},
    )
    video = VideoFile(tmp_path / "a.mkv")
    assert len(list(video)) == 4
    assert any("HDR" in note for note in video.notes)


@pytest.mark.parametrize("codec", ["libx264", "libx265", "libvpx-vp9", "libaom-av1", "libsvtav1"])
def test_video_when_coded_by_any_of_the_usual_ways_then_read(tmp_path, codec):
    if codec not in av.codecs_available:
        pytest.skip(f"this build of libav cannot write {codec}")
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    film(tmp_path / "a.mkv", 6, codec=codec, options=options)
    seen = frames(tmp_path / "a.mkv")
    assert len(seen) == 6
    assert np.abs(seen[2].astype(int) - picture(2)).mean() < 8


def test_video_when_its_rate_is_nonsense_then_times_come_from_the_pictures(tmp_path):
    film(tmp_path / "a.mkv", 5, rate=1_000_000, times=[0, 40, 80, 120, 160], base=Fraction(1, 1000))
    video = VideoFile(tmp_path / "a.mkv")
    assert video.facts.rate <= 1000
    times = [image.space.time_s for image in video]
    assert times == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])


@pytest.mark.parametrize("said", [40, 1_000_000_000])
def test_video_when_the_head_is_there_but_no_frame_then_input_error(tmp_path, said):
    film(tmp_path / "a.mp4", 40)
    with (
        av.open(str(tmp_path / "a.mp4")) as source,
        av.open(str(tmp_path / "b.mp4"), "w", options={"movflags": "faststart"}) as output,
    ):
        target = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = target
                output.mux(packet)
    data = bytearray((tmp_path / "b.mp4").read_bytes())
    count = data.index(b"stsz") + 12
    assert int.from_bytes(data[count : count + 4], "big") == 40
    data[count : count + 4] = said.to_bytes(4, "big")
    (tmp_path / "b.mp4").write_bytes(data[: data.index(b"mdat") + 8])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match="no frames" if said == 40 else "b.mp4"):
        list(VideoFile(tmp_path / "b.mp4"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_video_when_of_the_usual_kind_then_planes_that_become_the_same_rgb(tmp_path):
    path = film(tmp_path / "a.mp4", 3, size=(90, 150))
    with av.open(str(path)) as container:
        expected = [
            frame.reformat(format="rgb24", src_colorspace=5, dst_colorspace=5).to_ndarray()
            for frame in container.decode(video=0)
        ]
    for image, rgb in zip(VideoFile(path), expected, strict=True):
        assert [plane.shape for plane in image.plane.planes] == [(90, 150), (45, 75), (45, 75)]
        assert image.size == (90, 150)
        assert np.array_equal(image.pixels, rgb)


@pytest.mark.parametrize(
    ("size", "pixels"),
    [((90, 150), "yuvj420p"), ((90, 150), "yuv444p"), ((90, 150), "yuv420p10le")],
)
def test_video_when_of_another_kind_then_rgb_at_once(tmp_path, size, pixels):
    path = film(tmp_path / "a.mp4", 2, size=size, pixels=pixels)
    image = next(iter(VideoFile(path)))
    assert image.plane is None
    assert np.abs(image.pixels.astype(int) - picture(0, size)).mean() < 6
