"""A loopback endpoint that passes calls on to moto, except where a test asks it to answer as the real service sometimes does.

What no emulator does is told by rules: throttling, refusals, empty pages, a reply that gets lost, another writer in between.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

Body = dict[str, Any]


@dataclass
class Call:
    """One request that arrived."""

    operation: str
    body: Body


@dataclass
class Rule:
    """What to do with the next `times` calls of `operation` for which `when` holds, after `skip` of them."""

    operation: str
    act: Callable[[Handler, Body], bool]
    times: int
    skip: int = 0
    when: Callable[[Body], bool] = field(default=lambda _body: True)


class Handler(BaseHTTPRequestHandler):
    """Answers one request. Rules act first; one that answers ends it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FaultServer

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        operation, body = self.call(content)
        rule = self.server.faults.take(operation, body)
        if rule is None or not rule.act(self, body):
            self.answer(*self.upstream(content))

    def call(self, content: bytes) -> tuple[str, Body]:
        """The operation and its parameters; STS and IAM take both as a form."""
        if target := self.headers.get("X-Amz-Target"):
            return target.rpartition(".")[2], json.loads(content)
        form = dict(parse_qsl(content.decode()))
        return form.pop("Action"), form

    def upstream(self, content: bytes) -> tuple[int, bytes]:
        """What moto answers."""
        target = urlsplit(self.server.faults.upstream)
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "content-length", "connection")}
        connection.request("POST", "/", content, headers)
        response = connection.getresponse()
        answered = response.status, response.read()
        connection.close()
        return answered

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def refuse(self, status: int, code: str, message: str) -> None:
        """Answer with an error of the service; STS and IAM write theirs in XML."""
        if self.headers.get("X-Amz-Target"):
            self.answer(status, json.dumps({"__type": code, "message": message}).encode())
        else:
            said = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
            self.answer(status, f"<ErrorResponse><Error>{said}</Error></ErrorResponse>".encode())

    def hang_up(self) -> None:
        """Close the connection without a word."""
        self.close_connection = True

    def log_message(self, *_args: object) -> None:
        pass


class FaultServer(ThreadingHTTPServer):
    daemon_threads = True
    faults: Faults

    def handle_error(self, *_args: object) -> None:
        """A client that went away is part of some tests."""


class Faults:
    """The endpoint, its rules, and the calls that it saw."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.calls: list[Call] = []
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._server = FaultServer(("127.0.0.1", 0), Handler)
        self._server.faults = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(call.operation == operation for call in self.calls)

    def forget(self) -> None:
        """Drop all rules, and the calls that were seen."""
        with self._lock:
            self._rules.clear()
            self.calls.clear()

    def take(self, operation: str, body: Body) -> Rule | None:
        with self._lock:
            self.calls.append(Call(operation, body))
            for rule in self._rules:
                if rule.operation == operation and rule.when(body):
                    if rule.skip:
                        rule.skip -= 1
                        continue
                    rule.times -= 1
                    if rule.times == 0:
                        self._rules.remove(rule)
                    return rule
        return None

    # Rules

    def refuse(
        self,
        operation: str,
        code: str,
        message: str = "",
        *,
        status: int = 400,
        times: int = -1,
        skip: int = 0,
        when: Callable[[Body], bool] = lambda _body: True,
    ) -> None:
        """Answer with an error of the service; `times` -1 is always."""

        def act(handler: Handler, _body: Body) -> bool:
            handler.refuse(status, code, message)
            return True

        self._rules.append(Rule(operation, act, times, skip, when))

    def deny(self, operation: str, *, times: int = -1) -> None:
        """Answer as IAM does."""
        self.refuse(
            operation,
            "AccessDeniedException",
            f"User: arn:aws:iam::123456789012:user/made-up is not authorized to perform: ssm:{operation} on resource: "
            "arn:aws:ssm:eu-central-1:123456789012:parameter/secret-place "
            f"because no identity-based policy allows the ssm:{operation} action",
            times=times,
        )

    def reply(
        self, operation: str, answer: Body | str, *, times: int = 1, skip: int = 0, when: Callable[[Body], bool] = lambda _body: True
    ) -> None:
        """Answer with this; a text goes out as it stands."""
        content = answer if isinstance(answer, str) else json.dumps(answer)

        def act(handler: Handler, _body: Body) -> bool:
            handler.answer(200, content.encode())
            return True

        self._rules.append(Rule(operation, act, times, skip, when))

    def change(self, operation: str, alter: Callable[[Body, Body], None], *, times: int = -1) -> None:
        """Let moto answer, and alter what it says; `alter` is given the request and the answer."""

        def act(handler: Handler, body: Body) -> bool:
            status, content = handler.upstream(json.dumps(body).encode())
            said = json.loads(content)
            if status == 200:
                alter(body, said)
            handler.answer(status, json.dumps(said).encode())
            return True

        self._rules.append(Rule(operation, act, times))

    def lose_reply(self, operation: str, *, times: int = 1, before: bool = False) -> None:
        """Carry it out, then hang up; with `before`, hang up without carrying it out."""

        def act(handler: Handler, body: Body) -> bool:
            if not before:
                handler.upstream(json.dumps(body).encode())
            handler.hang_up()
            return True

        self._rules.append(Rule(operation, act, times))

    def cut(self, operation: str, *, times: int = 1, skip: int = 0) -> None:
        """Carry it out, but let the answer end in the middle, as a connection that breaks does."""

        def act(handler: Handler, body: Body) -> bool:
            _, content = handler.upstream(json.dumps(body).encode())
            handler.send_response(200)
            handler.send_header("Content-Type", "application/x-amz-json-1.1")
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content[: len(content) // 2])
            handler.hang_up()
            return True

        self._rules.append(Rule(operation, act, times, skip))

    def meanwhile(self, operation: str, action: Callable[[], object], *, times: int = 1, skip: int = 0) -> None:
        """Let somebody else do something right before the call is passed on."""

        def act(_handler: Handler, _body: Body) -> bool:
            action()
            return False

        self._rules.append(Rule(operation, act, times, skip))
