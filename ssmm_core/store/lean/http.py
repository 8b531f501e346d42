"""One HTTP/1.1 connection that stays open (RFC 9112): what is asked is written at once, what is answered is bounded in size and time.

No redirect is followed, no proxy asked, no compression understood, no cookie kept.
"""

from __future__ import annotations

import time

from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from socket import socket
    from ssl import SSLContext
    from typing import Any, Final

LONGEST_HEAD: Final = 64 * 1024
LARGEST_BODY: Final = 16 * 1024 * 1024
"""Several times what the service can say at once: 50 descriptions with a pattern and ten policies each, every character escaped."""
_DIGITS: Final = 20
"""Most digits of an announced length: Python takes no number of thousands of them."""
_CHUNK: Final = 64 * 1024


class HttpError(Exception):
    """An exchange that failed. The message is for `--debug`: it says nothing of what was sent or received."""


class NotConnected(HttpError):
    """Nobody answers there."""


class NotTrusted(HttpError):
    """TLS could not be agreed on: the certificate, its name or the version is not what is asked for."""


class NoAnswer(HttpError):
    """The connection ended, or time ran out, before there was a whole answer."""


class NotHttp(HttpError):
    """What answers breaks the rules of HTTP/1.1, or the bounds of this module."""


class Answer(Record):
    """What a server said. `headers` are by their name in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"  # they may be values


class HttpConnection:
    """A connection to one server, for one thread at a time. Seconds bound the connecting, and each exchange as a whole.

    With a `context` it speaks TLS; that is asked for once somebody answers, since to make one takes a while.
    """

    def __init__(self, host: str, port: int, *, connect: float, read: float, context: Callable[[], SSLContext] | None = None) -> None:
        self._host = host
        self._port = port
        self._connect = connect
        self._read = read
        self._context = context
        self._socket: socket | None = None
        self._left = b""

    def open(self) -> None:
        """Connect, and agree on TLS where there is a context for it; nothing if that was done.

        Raises:
            NotConnected, NotTrusted: it cannot be had.
            NoAnswer: somebody is there, who ended the connection or let time run out before TLS was agreed on.
        """
        if self._socket is not None:
            return
        import socket  # 4 ms

        try:
            # As bytes: a text would be taken for an international name, and the codec for those imported.
            address: Any = (self._host.encode("ascii"), self._port)  # typeshed knows texts alone
            opened = socket.create_connection(address, timeout=self._connect)
        except (OSError, UnicodeError) as error:  # the latter for a name that no DNS can hold
            raise NotConnected(type(error).__name__) from None
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                opened = self._agree(opened, self._context())
        except BaseException:
            opened.close()
            raise
        self._socket = opened

    def _agree(self, opened: socket, context: SSLContext) -> socket:
        import ssl  # 9 ms

        try:
            opened.getpeername()  # it fails where the connection broke by now, over which wrap_socket would forget to close it
            return context.wrap_socket(opened, server_hostname=self._host.encode("ascii"), suppress_ragged_eofs=False)
        except ssl.SSLError as error:
            raise NotTrusted(str(getattr(error, "verify_message", "") or error.reason)) from None
        except OSError as error:
            raise NoAnswer(type(error).__name__) from None
        except ValueError as error:
            raise NotConnected(type(error).__name__) from None

    def bound(self, *, connect: float, read: float) -> None:
        """From now on, take no longer than these seconds."""
        self._connect = connect
        self._read = read

    def close(self) -> None:
        """Hang up, if it is open."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._left = b""

    def __del__(self) -> None:
        self.close()

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Ask and be answered. A connection that breaks before the answer begins is opened once more: what is asked must bear that.

        Raises:
            NotConnected, NotTrusted, NoAnswer, NotHttp: the exchange failed; the connection is closed then.
            ValueError: a header that would end its line, or is not plain ASCII.
        """
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if not all(line.isascii() and line.isprintable() for line in lines):
            raise ValueError("a header holds what it cannot")
        request = "\r\n".join([*lines, "", ""]).encode() + body
        end = 0.0
        for is_last in (False, True):
            self.open()
            end = end or time.monotonic() + self._read
            try:
                return self._exchange(request, end, with_body=method != "HEAD")
            except _Broken:
                self.close()
                if is_last:
                    raise NoAnswer("the connection was closed") from None
            except OSError:
                self.close()
                raise NoAnswer("the connection broke") from None
            except BaseException:
                self.close()
                raise
        raise AssertionError("unreachable: the second exchange answers or raises")

    def _exchange(self, request: bytes, end: float, *, with_body: bool) -> Answer:
        assert self._socket is not None
        if not self._is_quiet():
            raise _Broken
        try:
            self._socket.settimeout(_remaining(end))
            self._socket.sendall(request)
        except TimeoutError:
            raise NoAnswer("it takes no request") from None
        except OSError:
            raise _Broken from None
        status, headers = self._head(end)
        while status < 200:  # a word in between, such as 100 Continue
            status, headers = self._head(end)
        length = _length(headers)
        coding = headers.get("transfer-encoding", "").lower()
        if not with_body or status in (204, 304):
            body = b""
        elif coding:
            if coding != "chunked" or length is not None:
                raise NotHttp("its transfer coding")
            body = self._chunks(end)
        elif length is not None:
            body = self._exactly(length, end)
        else:
            body = self._rest(end)
        is_last = "close" in [word.strip() for word in headers.get("connection", "").lower().split(",")]
        if is_last or self._left or (length is None and not coding):  # what stands behind an answer must not become the next one
            self.close()
        return Answer(status, headers, body)

    def _is_quiet(self) -> bool:
        """Whether nothing came since the last answer: neither the end of the connection, nor what nobody has asked for."""
        assert self._socket is not None
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)
        except OSError:  # nothing is there; what is broken shows when it is used
            return True
        return False

    def _head(self, end: float) -> tuple[int, dict[str, str]]:
        """The status and the headers; of several of one name, one line."""
        line = self._line(end, first=True)
        version, _, rest = line.partition(b" ")
        code = rest[:3]
        if not version.startswith(b"HTTP/1.") or not code.isdigit() or code < b"100" or rest[3:4].strip():
            raise NotHttp("its status line")
        headers: dict[str, str] = {} if version == b"HTTP/1.1" else {"connection": "close"}
        size = len(line)
        while line := self._line(end):
            size += len(line)
            name, colon, value = line.partition(b":")
            if not colon or not name or name != name.strip() or size > LONGEST_HEAD:
                raise NotHttp("its headers")
            key, text = name.decode("latin-1").lower(), value.strip().decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        return int(code), headers

    def _line(self, end: float, *, first: bool = False) -> bytes:
        while b"\n" not in self._left:
            if len(self._left) > LONGEST_HEAD:
                raise NotHttp("a line without an end")
            try:
                more = self._receive(end)
            except OSError:
                more = b""  # whatever way it ended, it did too early
            if not more:
                if first and not self._left:
                    raise _Broken
                raise NoAnswer("it ends in the middle")
            self._left += more
        line, _, self._left = self._left.partition(b"\n")
        return line.removesuffix(b"\r")

    def _exactly(self, length: int, end: float) -> bytes:
        parts, missing = [self._left], length - len(self._left)
        while missing > 0:
            more = self._receive(end)
            if not more:
                raise NoAnswer("it ends in the middle")
            parts.append(more)
            missing -= len(more)
        whole = b"".join(parts)
        self._left = whole[length:]
        return whole[:length]

    def _chunks(self, end: float) -> bytes:
        parts, size = [], 0
        while True:
            line = self._line(end)
            announced = line.partition(b";")[0].strip()
            if not announced or announced.strip(b"0123456789abcdefABCDEF"):
                raise NotHttp("the size of a chunk")
            length = int(announced, 16)
            size += length + len(line)
            if size > LARGEST_BODY:
                raise NotHttp("the size of its answer")
            if not length:
                break
            parts.append(self._exactly(length, end))
            if self._line(end):
                raise NotHttp("the end of a chunk")
        size = 0
        while line := self._line(end):  # trailers say nothing that is needed
            size += len(line)
            if size > LONGEST_HEAD:
                raise NotHttp("its trailers")
        return b"".join(parts)

    def _rest(self, end: float) -> bytes:
        parts, size = [self._left], len(self._left)
        while more := self._receive(end):
            parts.append(more)
            size += len(more)
            if size > LARGEST_BODY:
                raise NotHttp("the size of its answer")
        self._left = b""
        return b"".join(parts)

    def _receive(self, end: float) -> bytes:
        """What has come, empty at the orderly end of the connection.

        Raises:
            NoAnswer: nothing came in time.
            OSError: the connection broke; one with TLS also where it ended without the word for it, as one that was cut does.
        """
        assert self._socket is not None
        self._socket.settimeout(_remaining(end))
        try:
            return self._socket.recv(_CHUNK)
        except TimeoutError:
            raise NoAnswer("it takes too long") from None


class _Broken(Exception):
    """The connection ended before an answer began."""


def _remaining(end: float) -> float:
    remaining = end - time.monotonic()
    if remaining <= 0:
        raise NoAnswer("it takes too long")
    return remaining


def _length(headers: Mapping[str, str]) -> int | None:
    """What is announced, None where nothing is."""
    announced = headers.get("content-length")
    if announced is None:
        return None
    if not announced.isascii() or not announced.isdigit() or len(announced) > _DIGITS or int(announced) > LARGEST_BODY:
        raise NotHttp("the length of its answer")
    return int(announced)
