"""A lake, a run and contracts to pull with; and a server on the loopback that misbehaves on request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import stamina

from pipelines.lake import Lake
from pipelines.pull.step import pull
from pipelines.records import Receipt, Run
from schemas.contract import Contract


def contract(source: dict[str, Any]) -> Contract:
    return Contract.model_validate(
        {
            "dataset": "test.data",
            "title": {"zh": "试", "en": "test"},
            "owner": {"department": "test"},
            "source": {"format": "csv", **source},
            "fields": {"a": {"element": "test.a"}},
            "write": {"mode": "append"},
        }
    )


@dataclass
class Puller:
    workspace: Path
    lake: Lake
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    def __call__(self, connector: str = "files", **source: Any) -> list[Receipt]:
        run = Run("r", datetime(2026, 3, 1, tzinfo=UTC))
        variables = {"WORKSPACE": str(self.workspace)}
        return pull(contract({"connector": connector, **source}), self.lake, run, self.known, variables)

    def landed(self) -> list[Path]:
        return sorted(path for path in Path(self.lake.url).rglob("*") if path.is_file())


@pytest.fixture
def puller(tmp_path: Path) -> Puller:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return Puller(workspace, Lake(str(tmp_path / "lake")))


@dataclass
class Reply:
    """``cut``: bytes of the body that are never sent, though Content-Length counts them."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0

    @property
    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Asked:
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    times: int
    """How often this path and query was asked before."""


@dataclass
class City:
    url: str = ""
    answer: Callable[[Asked], Reply] = lambda asked: Reply()
    asked: list[Asked] = field(default_factory=list)

    def reply(self, target: str, headers: dict[str, str]) -> Reply:
        parts = urlsplit(target)
        params = dict(parse_qsl(parts.query))
        times = sum(1 for old in self.asked if (old.path, old.params) == (parts.path, params))
        self.asked.append(Asked(parts.path, params, headers, times))
        return self.answer(self.asked[-1])


@pytest.fixture
def city() -> Iterator[City]:
    state = City()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = state.reply(self.path, {name.lower(): value for name, value in self.headers.items()})
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.payload)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.payload[: len(reply.payload) - reply.cut])
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=10, cap=True):
        yield
