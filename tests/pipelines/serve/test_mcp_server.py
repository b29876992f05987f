"""A program with a language model gets from marts what ``citylake query`` gives, and is told what it means."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, accesses_table
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.serve.mart_tools import MartTools
from citylake.pipelines.serve.mcp_server import http_app, mcp_server
from citylake.pipelines.serve.server_tokens import ServerTokens
from tests.pipelines.cli.conftest import City
from tests.pipelines.cli.test_query_confined import REACHING_OUT
from tests.pipelines.cli.test_query_meaning import MEANS
from tests.pipelines.serve.conftest import free_port
from tests.set_pointer import set_pointer

Call = tuple[str, dict[str, Any]]
ALL = ("find", "describe", "query", "trace")


def server_of(city: City, *options: str) -> StdioServerParameters:
    """``citylake mcp`` as a program with a language model starts it."""
    places = ["--workspace", str(city.root / "workspace"), "--lake", str(city.root / "lake")]
    environment = {"CITYLAKE_USER": "model", "CITYLAKE_LANG": "en", "COUNTS": os.environ["COUNTS"]}
    return StdioServerParameters(
        command=sys.executable, args=["-m", "citylake.pipelines.cli", *places, "mcp", *options], env=environment
    )


def run_apart(function: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    """Run a coroutine in a thread of its own: in this one, tests in Chromium may have left an event loop."""
    with start_blocking_portal() as portal:
        return portal.call(function, *arguments)


def call(server: Any, calls: Sequence[Call], tools: Collection[str] = ("find", "describe", "query")) -> list[Any]:
    """What each call of a tool gives: its document, or the text of the error. ``tools``: all that there are."""

    async def talk() -> list[Any]:
        async with Client(server) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert names == set(tools)
            return [_told(await client.call_tool(name, given)) for name, given in calls]

    told: list[Any] = run_apart(talk)
    return told


def _told(result: Any) -> Any:
    if result.is_error:
        return re.sub(r"^Error executing tool \w+: ", "", result.content[0].text)
    # A client without structured content reads the same in the text.
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def test_a_model_finds_understands_and_asks_and_is_on_record(city: City) -> None:
    by_english, by_chinese, mart, table, column, answer, cut, trace = call(
        server_of(city),
        [
            ("find", {"words": "flow"}),
            ("find", {"words": "交通流量"}),
            ("describe", {"mart": "traffic"}),
            ("describe", {"mart": "traffic", "table": "day"}),
            ("describe", {"mart": "traffic", "table": "day", "column": "flow_veh"}),
            ("query", {"mart": "traffic", "sql": "SELECT day, sum(flow_veh) AS total FROM day GROUP BY day"}),
            ("query", {"mart": "traffic", "sql": "FROM range(5)", "limit": 2}),
            ("trace", {"mart": "traffic", "table": "day", "key": {"day": "2026-03-01"}}),
        ],
        ALL,
    )
    for found in (by_english, by_chinese):
        assert ("traffic", "day", "flow_veh") in [
            (each["mart"], each.get("table"), each.get("column")) for each in found["found"]
        ]
        assert "traffic.flow" in [each["element"] for each in found["elements"]]
    version = mart["version"]
    assert (mart["complete"], mart["incomplete"], mart["time_zone"]) == (True, [], "Asia/Shanghai")
    assert mart["tables"]["day"]["row_count"] == 1
    assert table["grain"] == ["day"]
    assert set(table["columns"]) == {"day", "flow_veh"}
    assert (column["unit"], column["measure"], column["version"]) == ("{veh}", "flow", version)
    assert answer["rows"] == [["2026-03-01", 30]]
    assert answer["columns"] == [{"name": "day"}, {"name": "total", "unit": "{veh}"}]
    assert (answer["version"], answer["truncated"], answer["recorded"]) == (version, False, True)
    assert (cut["row_count"], cut["row_limit"], cut["truncated"]) == (2, 2, True)
    found = Ledger(Lake(str(city.root / "lake"))).read(accesses_table.TABLE)
    assert trace["verified"] is True
    assert {row["source"] for each in trace["datasets"] for row in each["standard"]} == {"a.csv"}
    assert found.select("access", "user", "via", "rows", "outcome").rows() == [
        ("query", "model", "mcp", 1, "ok"),
        ("query", "model", "mcp", 2, "ok"),
        ("trace", "model", "mcp", 2, "ok"),
    ]


def test_refusals_and_warnings_say_what_to_do(city: City) -> None:
    sql = {"read": "SELECT * FROM read_csv('/etc/passwd')", "empty": "", "wrong": "SELECT colour FROM day"}
    read, empty, wrong, table, mart, limit, warned = call(
        server_of(city),
        [
            *(("query", {"mart": "traffic", "sql": text}) for text in sql.values()),
            ("describe", {"mart": "traffic", "table": "days"}),
            ("query", {"mart": "trafic", "sql": "SELECT 1"}),
            ("query", {"mart": "traffic", "sql": "SELECT 1", "limit": 100_000}),
            ("query", {"mart": "traffic", "sql": MEANS}),
        ],
        ALL,
    )
    assert read.startswith("QUERY_NOT_ALLOWED")
    assert "SELECT from its tables only" in read
    assert empty.startswith("QUERY_EMPTY")
    assert wrong.startswith("QUERY_FAILED")
    assert "DESCRIBE" in wrong
    assert table.startswith("MART_PART_UNKNOWN")
    assert "day" in table
    assert "traffic" in mart
    assert "1000" in limit
    (warning,) = warned["warnings"]
    assert warning.startswith("MEAN_OF_MEANS")
    assert warned["row_count"] == 1


def test_hostile_statements_reach_nothing_through_the_tools(city: City, tmp_path: Path) -> None:
    (file,) = (city.root / "lake/marts/traffic").glob("traffic-*.duckdb")
    before = sorted(file.parent.glob("*.duckdb*"))
    secret, made = tmp_path / "secret.csv", tmp_path / "made"
    secret.write_text("the secret of the neighbour")
    places = {"secret": secret, "folder": tmp_path, "made": made, "lake": tmp_path / "other.duckdb", "file": file}
    tools = MartTools(Lake(str(city.root / "lake")))
    calls: list[Call] = [("query", {"mart": "traffic", "sql": sql.format(**places)}) for sql in REACHING_OUT]
    for (_, given), told in zip(calls, call(mcp_server(tools), calls), strict=True):
        assert told.startswith("QUERY_NOT_ALLOWED"), given
        assert "the secret of the neighbour" not in told
    assert not made.exists()
    assert sorted(file.parent.glob("*.duckdb*")) == before


def test_only_the_marts_of_the_command_are_shown(city: City) -> None:
    lake = Lake(str(city.root / "lake"))
    tools = MartTools(lake, marts=("other",))
    (refused, found) = call(
        mcp_server(tools), [("query", {"mart": "traffic", "sql": "SELECT 1"}), ("find", {"words": "flow"})]
    )
    assert refused.startswith("MART_PART_UNKNOWN")
    assert found["found"] == []


async def _get(app: Any, header: str | None) -> int:
    """The status of a request over HTTP with an ``Authorization`` header."""
    headers = {"accept": "application/json, text/event-stream"} | ({"authorization": header} if header else {})
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8123") as client:
        return (await client.post("/mcp", json=body, headers=headers)).status_code


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic a-token-of-the-test-0001", "a-token-of-the-test-0001"])
def test_over_http_nothing_is_told_without_a_token(city: City, header: str | None) -> None:
    tokens = ServerTokens({"a-token-of-the-test-0001": "li"}, named=True)
    server = mcp_server(MartTools(Lake(str(city.root / "lake")), tokens=tokens))
    app = http_app(server, tokens, "127.0.0.1", 8123)
    asked: Callable[[], Awaitable[int]] = lambda: _get(app, header)  # noqa: E731
    assert run_apart(asked) == 401


def test_over_http_each_token_asks_in_the_name_of_its_person(city: City, tmp_path: Path) -> None:
    tokens, port = tmp_path / "tokens", free_port()
    tokens.write_text("li a-token-of-the-test-0001\n")
    tokens.chmod(0o600)
    given = server_of(city, "--http", str(port), "--tokens", str(tokens))
    process = subprocess.Popen([given.command, *given.args], env={**os.environ, **(given.env or {})})
    try:
        told = run_apart(_asked_over_http, port)
    finally:
        process.terminate()
        process.wait()
    assert told["rows"] == [[1]]
    found = Ledger(Lake(str(city.root / "lake"))).read(accesses_table.TABLE)
    assert found.select("user", "via").rows() == [("li", "mcp")]


async def _asked_over_http(port: int) -> Any:
    """What the tool ``query`` says to a client with a token, once the server listens."""
    headers, address = {"authorization": "Bearer a-token-of-the-test-0001"}, f"http://127.0.0.1:{port}/mcp"
    async with httpx2.AsyncClient(headers=headers) as http:
        with anyio.fail_after(60):
            while True:
                try:
                    await http.get(f"http://127.0.0.1:{port}/")
                    break
                except httpx2.ConnectError:
                    await anyio.sleep(0.1)
        async with Client(streamable_http_client(address, http_client=http)) as client:
            return _told(await client.call_tool("query", {"mart": "traffic", "sql": "SELECT count(*) AS n FROM day"}))


def test_over_http_a_mart_that_asks_who_reads_needs_names(city: City) -> None:
    lake = Lake(str(city.root / "lake"))
    pointer = read_pointer(lake, "traffic")
    assert pointer is not None
    set_pointer(lake, replace(pointer, accesses="required"))
    tools = MartTools(lake, tokens=ServerTokens({"a-token-of-the-test-0001": "li"}))
    (refused,) = call(mcp_server(tools), [("query", {"mart": "traffic", "sql": "SELECT 1"})])
    assert refused.startswith("SERVE_REFUSED")
