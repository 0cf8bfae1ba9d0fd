"""A small RTSP server: the pictures of ``films.picture`` as H.264 over one TCP connection."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import av

from tests.films import SIZE, picture

SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
    "a=control:track0\r\n"
)


def rtp_packets(count: int) -> list[bytes]:
    """Return what libav sends of so many pictures, packet by packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        found: list[bytes] = []
        with av.open(f"rtp://127.0.0.1:{ear.getsockname()[1]}", "w", format="rtp") as output:
            options = {"g": "10", "tune": "zerolatency"}
            stream = output.add_stream("libx264", rate=30, options=options)
            stream.height, stream.width, stream.pix_fmt = *SIZE, "yuv420p"
            for number in [*range(count), None]:
                frame = None
                if number is not None:
                    frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
                    frame.pts = number
                output.mux(stream.encode(frame))
                while True:
                    try:
                        found.append(ear.recv(65_536))
                    except BlockingIOError:
                        break
    return found


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while True:
            lines = []
            while line := self.rfile.readline().strip():
                lines.append(line.decode())
            if not lines or lines[0].startswith("TEARDOWN"):
                return
            self._answer(lines)
            if lines[0].startswith("PLAY"):
                self._play(lines[0].split()[1])
                return

    def _answer(self, lines: list[str]) -> None:
        if "moved" in lines[0] and lines[0].startswith("DESCRIBE"):
            place = f"Location: {lines[0].split()[1].replace('moved', 'live')}"
            self.wfile.write(f"RTSP/1.0 302 Moved\r\nCSeq: 1\r\n{place}\r\n\r\n".encode())
            return
        number = next(line for line in lines if line.lower().startswith("cseq"))
        head, body = f"RTSP/1.0 200 OK\r\n{number}\r\nSession: 7\r\n", ""
        if lines[0].startswith("DESCRIBE"):
            body = SDP
            head += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif lines[0].startswith("SETUP"):
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        elif lines[0].startswith("OPTIONS"):
            head += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        self.wfile.write(f"{head}\r\n{body}".encode())

    def _play(self, address: str) -> None:
        for packet in self.server.packets:
            try:
                self.wfile.write(b"$\x00" + len(packet).to_bytes(2, "big") + packet)
            except OSError:
                return
            time.sleep(0.002)
        if "stalls" in address:
            time.sleep(4)


@contextmanager
def rtsp_server(count: int) -> Iterator[str]:
    """Yield the address of a server that plays so many pictures to each who comes."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        server.packets = rtp_packets(count)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"rtsp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
