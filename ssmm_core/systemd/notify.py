"""What a service tells its manager while it starts (sd_notify(3)). READY is the program's to say, never ours."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_MARGIN: Final = 10.0
"""Seconds for the program to be ready in, beyond what fetching may take."""


def status(address: str | None, text: str, *, extend: float = 0.0) -> None:
    """Show `text` in `systemctl status`, and ask that the start may last `extend` seconds more, where `address` is a NOTIFY_SOCKET.

    A manager that does not listen is no reason not to start.
    """
    if not address:
        return
    import socket

    line = text.replace("\n", " ")  # another line would be another message
    message = f"STATUS={line}\n" + (f"EXTEND_TIMEOUT_USEC={round((extend + _MARGIN) * 1e6)}\n" if extend else "")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
            manager.setblocking(False)
            manager.sendto(message.encode("utf-8", "backslashreplace"), f"\0{address[1:]}" if address.startswith("@") else address)
    except OSError:
        return
