"""The departments' HTTP services on the loopback: each with its own manners, one of them with a bad moment.

``/gov/hotline?page=N&rows=M`` says 200 even when it failed: the envelope's ``code`` tells, and page 2 fails once.
``/env/stations`` hands out a few stations at a time and the URL of the next; ``/env/air_hourly.csv`` is one file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from infra.city.generate import air, hotline, stations

HOST = "127.0.0.1"
_STATIONS_A_PAGE = 5
_MOST_ROWS = 500
_BAD_PAGE = 2

Query = dict[str, str]
Answer = tuple[str, bytes]


class CityServer(ThreadingHTTPServer):
    """Serves the generated folder ``folder``; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.folder = folder
        self._bad_moment = True
        self._lock = Lock()
        self._cases = _records(folder / hotline.FILE)
        self._register = _records(folder / stations.FILE)
        self.routes: dict[str, Callable[[Query], Answer]] = {
            "/gov/hotline": self.hotline,
            "/env/stations": self.stations,
            "/env/air_hourly.csv": self.air_hourly,
        }

    @property
    def url(self) -> str:
        """The address without a slash at its end."""
        return f"http://{HOST}:{self.server_address[1]}"

    def hotline(self, query: Query) -> Answer:
        """A page of cases in the envelope ``{code, msg, data: {total, rows}}``."""
        page, size = int(query.get("page", "1")), min(int(query.get("rows", "100")), _MOST_ROWS)
        if page < 1 or size < 1:
            raise ValueError("page and rows count from 1")
        if page == _BAD_PAGE and self._fails_now():
            return _json({"code": 500, "msg": "系统繁忙，请稍后再试", "data": None})
        rows = self._cases
        data = {"total": len(rows), "rows": rows[(page - 1) * size : page * size]}
        return _json({"code": 200, "msg": "成功", "data": data})

    def stations(self, query: Query) -> Answer:
        """Some stations and, while there are more, the ``next`` page: the same bytes on whatever port."""
        after = int(query.get("after", "0"))
        rows = self._register
        upto = after + _STATIONS_A_PAGE
        more = f"/env/stations?after={upto}" if upto < len(rows) else None
        return _json({"count": len(rows), "stations": rows[after:upto], "next": more})

    def air_hourly(self, _: Query) -> Answer:
        """The whole table."""
        return "text/csv", (self.folder / air.FILE).read_bytes()

    def _fails_now(self) -> bool:
        with self._lock:
            failing, self._bad_moment = self._bad_moment, False
        return failing


class _Handler(BaseHTTPRequestHandler):
    server: CityServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        route = self.server.routes.get(asked.path)
        if route is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            kind, body = route({name: values[-1] for name, values in parse_qs(asked.query).items()})
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the run's own lines are what people read."""


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[CityServer]:
    """The server, answering in a thread of its own until the block ends."""
    with CityServer(folder, port) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _json(document: Any) -> Answer:
    return "application/json; charset=utf-8", json.dumps(document, ensure_ascii=False).encode()


def _records(path: Path) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(path.read_bytes())
    return records
