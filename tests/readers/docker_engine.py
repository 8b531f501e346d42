"""As much of a Docker engine as `docker create` asks: it keeps the environment that the real command line has read from a file."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class Engine(ThreadingMixIn, UnixStreamServer):
    """An engine at the socket `path`, until its context ends."""

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _Answers)
        self.environment: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Engine:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Answers(BaseHTTPRequestHandler):
    server: Engine

    def do_HEAD(self) -> None:
        self._answer(200, {})

    def do_GET(self) -> None:
        self._answer(200, {})

    def do_POST(self) -> None:
        asked: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.environment = asked["Env"]
        self._answer(201, {"Id": "made-up", "Warnings": []})

    def _answer(self, status: int, about: dict[str, Any]) -> None:
        body = b"" if self.command == "HEAD" else json.dumps(about).encode()
        self.send_response(status)
        for name, value in (("Api-Version", "1.50"), ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""
