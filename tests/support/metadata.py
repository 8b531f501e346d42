"""The services that tell a container or an instance its credentials, on loopback, with what they were asked."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN_PATH = "/latest/api/token"
ROLES_PATH = "/latest/meta-data/iam/security-credentials/"
CONTAINER_PATH = "/v2/credentials/made-up-id"
LATER = "2099-01-02T03:04:05Z"


def identity(name: str, expiration: str = LATER, **more: Any) -> dict[str, Any]:
    """Credentials as both services tell them."""
    keys = {"AccessKeyId": f"made-up-{name}", "SecretAccessKey": f"made-up/{name}+secret=", "Token": f"made-up+{name}/token=="}
    return {**keys, "Expiration": expiration, **more}


@dataclass
class Asked:
    """One request that arrived. Names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Said:
    """An answer; none at all where the status is 0, until the service stops."""

    status: int
    body: bytes
    type: str = "text/plain"


class Metadata:
    """Both services at `url`. A test changes `answers`, by method and path; what is not there is answered with 404."""

    def __init__(self, address: tuple[str, int] = ("127.0.0.1", 0), role: str = "made-up-role") -> None:
        self.asked: list[Asked] = []
        self.answers: dict[tuple[str, str], Said] = {
            ("PUT", TOKEN_PATH): Said(200, b"made-up-session=="),
            ("GET", ROLES_PATH): Said(200, role.encode()),
            ("GET", ROLES_PATH + role): Said(200, json.dumps(identity("instance", Code="Success")).encode()),
            ("GET", CONTAINER_PATH): Said(200, json.dumps(identity("container")).encode(), "application/json"),
        }
        self.stopping = threading.Event()
        self._server = _Server(address, _Handler)
        self._server.metadata = self
        self.url = f"http://{address[0]}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def tell(self, path: str, answer: object, method: str = "GET") -> None:
        """From now on, say this at a path: an object in JSON."""
        self.answers[method, path] = Said(200, json.dumps(answer).encode())

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    metadata: Metadata


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def _answer(self) -> None:
        metadata = self.server.metadata
        metadata.asked.append(Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
        said = metadata.answers.get((self.command, self.path), Said(404, b"not here"))
        if not said.status:
            metadata.stopping.wait(60)
            self.close_connection = True
            return
        self.send_response(said.status)
        self.send_header("Content-Type", said.type)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""
