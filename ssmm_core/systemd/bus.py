"""D-Bus calls to a systemd manager, over its own socket or over a bus: the one module that knows jeepney, which has no types."""

from __future__ import annotations

import os
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final, Self

DESTINATION: Final = "org.freedesktop.systemd1"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
SECONDS: Final = 10.0
"""What a manager is given to answer; it does in milliseconds, unless it is stuck itself."""


class BusError(Exception):
    """Nobody answered, or not as D-Bus has it. The message is for a person and holds no value of a property."""


class Refused(BusError):
    """The answer was an error. `name` is its D-Bus name (`org.freedesktop.DBus.Error.InvalidArgs`)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Connection:
    """A connection that asks one question at a time. `path` is a socket's path, or an abstract one's name behind a NUL.

    `is_bus` False is for the socket that a manager listens on itself, where nobody says hello and nothing is addressed.

    Raises:
        BusError: nobody listens there, or not for this user.
    """

    def __init__(self, path: str, *, is_bus: bool) -> None:
        from jeepney.low_level import Parser

        self._destination = DESTINATION if is_bus else ""
        self._serial = 0
        self._parser = Parser()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(SECONDS)
        try:
            self._socket.connect(path)
            self._authenticate()
        except OSError as error:
            self.close()
            raise BusError(error.strerror or "no answer") from None
        except BusError:
            self.close()
            raise
        if is_bus:
            try:
                self._call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", "", ())
            except BusError:
                self.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def call(self, path: str, interface: str, member: str, signature: str = "", arguments: Sequence[object] = ()) -> tuple[Any, ...]:
        """What a method of an object of systemd's answers.

        Raises:
            Refused: with an error.
            BusError: not at all.
        """
        return self._call(self._destination, path, interface, member, signature, arguments)

    def properties(self, path: str, interface: str) -> dict[str, Any]:
        """All properties of one interface of an object, by name."""
        (found,) = self.call(path, _PROPERTIES, "GetAll", "s", (interface,))
        return {name: value for name, (_, value) in found.items()}

    def _call(
        self, destination: str, path: str, interface: str, member: str, signature: str, arguments: Sequence[object]
    ) -> tuple[Any, ...]:
        from jeepney.low_level import Endianness, Header, HeaderFields, Message, MessageType

        fields = {HeaderFields.path: path, HeaderFields.interface: interface, HeaderFields.member: member}
        if destination:
            fields[HeaderFields.destination] = destination
        if signature:
            fields[HeaderFields.signature] = signature
        self._serial += 1
        header = Header(Endianness.little, MessageType.method_call, 0, 1, -1, self._serial, fields)
        try:
            self._socket.sendall(Message(header, tuple(arguments)).serialise())
            while True:
                answer = self._next()
                if answer.header.fields.get(HeaderFields.reply_serial) == self._serial:
                    break
        except OSError as error:
            raise BusError(error.strerror or "no answer") from None
        except ValueError:  # a text that is no UTF-8
            raise BusError("an answer that is not D-Bus's") from None
        if answer.header.message_type is MessageType.error:
            raise Refused(str(answer.header.fields.get(HeaderFields.error_name, "")))
        body: tuple[Any, ...] = answer.body
        return body

    def _authenticate(self) -> None:
        """Say who we are, which the kernel confirms.

        `BEGIN` goes along at once, as systemd's own client has it: a manager that read it together with the first question would begin, and
        wait for more before it looked at that (measured on systemd 252).
        """
        self._socket.sendall(b"\0AUTH EXTERNAL %s\r\nBEGIN\r\n" % str(os.geteuid()).encode().hex().encode())
        answer = b""
        while not answer.endswith(b"\r\n") and len(answer) < 512:
            received = self._socket.recv(1)  # what follows is a message's
            if not received:
                raise BusError("it hung up")
            answer += received
        if not answer.startswith(b"OK "):
            raise BusError("it refused this user")

    def _next(self) -> Any:
        while (message := self._parser.get_next_message()) is None:
            received = self._socket.recv(65536)
            if not received:
                raise BusError("it hung up")
            self._parser.add_data(received)
        return message


def socket_of(address: str) -> str:
    """The socket of a bus address such as `unix:path=/run/user/1000/bus`: the first that is one; empty where there is none."""
    from jeepney.bus import get_connectable_addresses

    try:
        return str(next(iter(get_connectable_addresses(address))))
    except (ValueError, RuntimeError, StopIteration):
        return ""
