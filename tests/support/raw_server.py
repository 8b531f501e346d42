"""A server on loopback that does with each connection just what a test says, byte for byte, over TLS or not."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

LONG = 10.0
"""Seconds after which a server that waits for its client in vain goes on, so that a test fails instead of hanging."""


class Peer:
    """One connection, as the server sees it."""

    def __init__(self, server: RawServer, opened: socket.socket) -> None:
        self._server = server
        self._socket = opened
        self._left = b""

    def request(self) -> bytes:
        """The next whole request; empty once the client has hung up, or asks for nothing any more."""
        while b"\r\n\r\n" not in self._left:
            if not self.receive():
                return b""
        head, _, rest = self._left.partition(b"\r\n\r\n")
        lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0]) if lengths else 0
        while len(rest) < length and self.receive():
            rest = self._left.partition(b"\r\n\r\n")[2]
        whole, self._left = head + b"\r\n\r\n" + rest[:length], rest[length:]
        self._server.requests.append(whole)
        return whole

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def drip(self, content: bytes, every: float) -> int:
        """Send one byte after the other, `every` seconds; how many of them, until the client hung up."""
        for at in range(len(content)):
            try:
                self.send(content[at : at + 1])
            except OSError:
                return at
            if self._server.stopped.wait(every):
                return at + 1
        return len(content)

    def reset(self) -> None:
        """End the connection as a machine does that crashed."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def say_goodbye(self) -> None:
        """End TLS as it is meant to end."""
        assert isinstance(self._socket, ssl.SSLSocket)
        with contextlib.suppress(OSError):
            self._socket.unwrap()

    def is_left_within(self, seconds: float) -> bool:
        """Wait for the client to hang up, or to say more: whether it did."""
        return bool(select.select([self._socket], [], [], seconds)[0])

    def receive(self) -> bool:
        """Wait for some bytes, or the end: whether there were any."""
        more = self._socket.recv(65536)
        self._left += more
        return bool(more)


class RawServer:
    """Runs `serve` for each connection, in a thread of its own, and hangs up when it returns. It may be set anew at any time."""

    def __init__(self, serve: Callable[[Peer], object], context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.serve = serve
        self.connections = 0
        self.requests: list[bytes] = []
        self.ended = threading.Semaphore(0)
        """Released once for each connection that is over."""
        self.stopped = threading.Event()
        self.context = context
        """What new connections are shown; may be set anew too."""
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = int(self._listening.getsockname()[1])
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._accepting.join()
        for opened in list(self._open):
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                opened, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            opened.settimeout(LONG)
            self._open.add(opened)
            thread = threading.Thread(target=self._one, args=(opened,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _one(self, opened: socket.socket) -> None:
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context is not None:
                self._open.discard(opened)
                opened = self.context.wrap_socket(opened, server_side=True)
                self._open.add(opened)
            self.serve(Peer(self, opened))
        except OSError:
            pass  # a client that goes away is part of some tests
        finally:
            self._open.discard(opened)
            opened.close()
            self.ended.release()


@contextlib.contextmanager
def raw_server(serve: Callable[[Peer], object], context: ssl.SSLContext | None = None, port: int = 0) -> Iterator[RawServer]:
    """A server until the block ends."""
    server = RawServer(serve, context, port)
    try:
        yield server
    finally:
        server.stop()


def saying(*answers: bytes) -> Callable[[Peer], None]:
    """Answers the requests of a connection with these in turn, then hangs up."""

    def serve(peer: Peer) -> None:
        for answer in answers:
            if not peer.request():
                return
            peer.send(answer)

    return serve


def always(answer: bytes) -> Callable[[Peer], None]:
    """Answers every request with this."""

    def serve(peer: Peer) -> None:
        while peer.request():
            peer.send(answer)

    return serve
