"""DuckDB asks no network for extensions, whatever SQL it is given: a city's network may lead nowhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest

from citylake.pipelines.lake import duckdb_connection
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make import mart_engine

OPENED: dict[str, Callable[[Path], AbstractContextManager[Any]]] = {
    "marts are built": lambda folder: mart_engine.open_mart_duckdb(Lake(str(folder)), "Asia/Shanghai"),
    "tables are audited": lambda folder: duckdb_connection.open_lake_duckdb(Lake(str(folder))),
    "as it comes": lambda _: duckdb.connect(),
}


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of a repository of extensions, and what it was asked for."""
    paths: list[str] = []

    class Repository(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Repository) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()


@pytest.mark.parametrize("where", OPENED)
def test_an_extension_that_is_not_here_is_named_and_not_asked_for(
    where: str, asked: tuple[str, list[str]], tmp_path: Path
) -> None:
    repository, paths = asked
    with OPENED[where](tmp_path) as connection:
        for setting, value in (
            ("extension_directory", str(tmp_path)),
            ("custom_extension_repository", repository),
            ("autoinstall_extension_repository", repository),
        ):
            # SQL of marts cannot change where extensions come from.
            with suppress(duckdb.InvalidInputException) if where == "marts are built" else nullcontext():
                connection.execute(f"SET {setting} = '{value}'")
        with pytest.raises(duckdb.Error, match="excel"):
            connection.execute("FROM read_xlsx('a.xlsx')")
    # DuckDB as it comes does ask: so this would be seen.
    assert bool(paths) == (where == "as it comes")
