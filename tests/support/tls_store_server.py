"""The process behind `tls_store`: HTTP/1.1 on one event loop, over TLS or not, every byte of a client late by a round trip.

It prints its URL, then answers lines on its standard input: `count`, `reset`. It ends with that input.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import ssl
import sys
import uuid
from collections import Counter, deque
from email.utils import formatdate
from typing import Any

from tests.support.tls_store_service import Refused, Service


class Bucket:
    """Lets `burst` requests through at once and `rate` a second after that; None is no limit."""

    def __init__(self, rate: float | None, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._left = self._burst
        self._at = now

    def take(self, now: float) -> bool:
        if self._rate is None:
            return True
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Server:
    """What all connections share."""

    def __init__(self, configuration: dict[str, Any], loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.round_trip: float = configuration["round_trip"]
        self.context: ssl.SSLContext | None = None
        if configuration["certificate"]:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(configuration["certificate"])
        self._limit = configuration["rate"], configuration["burst"]
        self._service = Service(configuration["parameters"], configuration["tags"])
        self.reset()

    def reset(self) -> None:
        self._bucket = Bucket(*self._limit, self.loop.time())
        self.connections = 0
        self._answered: Counter[str] = Counter()
        self._throttled: Counter[str] = Counter()

    def count(self) -> dict[str, Any]:
        return {"answered": self._answered, "throttled": self._throttled, "connections": self.connections}

    def answer(self, operation: str, content: bytes) -> tuple[int, bytes]:
        """Status and body for one request."""
        try:
            if not self._bucket.take(self.loop.time()):
                self._throttled[operation] += 1
                raise Refused("ThrottlingException", "Rate exceeded")
            self._answered[operation] += 1
            return 200, json.dumps(self._service.call(operation, content)).encode()
        except Refused as error:
            return 400, json.dumps({"__type": error.code, "message": error.message}).encode()


class Connection(asyncio.Protocol):
    """One connection. What comes in is looked at a round trip late; answers leave without delay, since a client cannot tell which way took
    how long. The kernel of loopback answers a connect at once: what a client sends before a round trip has passed since then, it could not
    have sent yet, and counts from there.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._late: deque[bytes] = deque()
        self._connected = 0.0
        self._due = 0.0
        self._received = b""
        self._shaken = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = server.context
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True) if context is not None else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections += 1
        self._connected = self._server.loop.time() + self._server.round_trip

    def data_received(self, data: bytes) -> None:
        if not self._server.round_trip:
            self._arrived(data)
            return
        self._due = max(self._due, max(self._server.loop.time(), self._connected) + self._server.round_trip)
        self._late.append(data)
        self._server.loop.call_at(self._due, lambda: self._arrived(self._late.popleft()))  # equal timers come in any order

    def _arrived(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        if self._tls is None:
            self._read(data)
            return
        self._incoming.write(data)
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
            while plain := self._tls.read(65536):
                self._read(plain)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self._flush()
            self._transport.close()
        self._flush()

    def _read(self, data: bytes) -> None:
        self._received += data
        while True:
            head, ended, rest = self._received.partition(b"\r\n\r\n")
            _, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = int(headers.get("content-length", "0"))
            if not ended or len(rest) < length:
                return
            self._received = rest[length:]
            operation = headers.get("x-amz-target", "").rpartition(".")[2]
            self._answer(*self._server.answer(operation, rest[:length]))

    def _answer(self, status: int, content: bytes) -> None:
        head = (
            f"HTTP/1.1 {status} {'OK' if status == 200 else 'Bad Request'}\r\nServer: Server\r\nDate: {formatdate(usegmt=True)}\r\n"
            f"Content-Type: application/x-amz-json-1.1\r\nContent-Length: {len(content)}\r\nConnection: keep-alive\r\n"
            f"x-amzn-RequestId: {uuid.uuid4()}\r\n\r\n"
        ).encode()
        if self._tls is None:
            self._transport.write(head + content)
        else:
            self._tls.write(head + content)

    def _flush(self) -> None:
        if content := self._outgoing.read():
            self._transport.write(content)


async def serve(configuration: dict[str, Any]) -> None:
    """Until standard input ends."""
    loop = asyncio.get_running_loop()
    server = Server(configuration, loop)
    listening = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=1024)
    ended = asyncio.Event()
    received = bytearray()

    def told() -> None:
        data = os.read(0, 4096)
        received.extend(data)
        while b"\n" in received:
            line, _, rest = bytes(received).partition(b"\n")
            received[:] = rest
            if line == b"reset":
                server.reset()
            print(json.dumps(server.count()), flush=True)
        if not data:
            loop.remove_reader(0)
            ended.set()

    loop.add_reader(0, told)
    print(f"{'https' if server.context else 'http'}://127.0.0.1:{listening.sockets[0].getsockname()[1]}", flush=True)
    await ended.wait()
    listening.close()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        told_to = json.load(file)
    # select(2) waits to the microsecond; epoll, asyncio's default, rounds each round trip up to the next millisecond.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(serve(told_to))
