"""A server of the Model Context Protocol: programs with a language model find, understand and query marts by it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from citylake.pipelines.serve.mart_tools import MOST_ROWS, MartTools
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from citylake.pipelines.serve.server_tokens import ServerTokens

_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
Mart = Annotated[str, Field(description="Name of the mart, as find gives it.")]


def mcp_server(tools: MartTools) -> MCPServer[Any]:
    """The server with its tools ``find``, ``describe`` and ``query``, and ``trace`` where rows are traced."""
    server: MCPServer[Any] = MCPServer(
        "citylake", instructions=translate_key("mcp.instructions"), version=version("citylake"), log_level="WARNING"
    )

    @server.tool(description=translate_key("mcp.find"), annotations=_READS)
    def find(
        words: Annotated[str, Field(description="Words in Chinese or English, separated by spaces.")],
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
    ) -> dict[str, Any]:
        return _answered(lambda: tools.find(words, limit))

    @server.tool(description=translate_key("mcp.describe"), annotations=_READS)
    def describe(
        mart: Mart,
        table: Annotated[str | None, Field(description="A table of the mart; all tables without it.")] = None,
        column: Annotated[str | None, Field(description="A column of the table.")] = None,
    ) -> dict[str, Any]:
        return _answered(lambda: tools.describe(mart, table, column))

    @server.tool(description=translate_key("mcp.query"), annotations=_READS)
    def query(
        mart: Mart,
        sql: Annotated[str, Field(description="One SELECT in DuckDB SQL.")],
        context: Context[Any, Any],
        limit: Annotated[int, Field(ge=1, le=MOST_ROWS, description="Rows at most.")] = 100,
    ) -> dict[str, Any]:
        return _answered(lambda: tools.query(mart, sql, limit, _reader(tools.tokens, context.headers)))

    if tools.traces:
        _add_trace(server, tools)
    return server


def _add_trace(server: MCPServer[Any], tools: MartTools) -> None:
    @server.tool(description=translate_key("mcp.trace"), annotations=_READS)
    def trace(
        mart: Mart,
        table: str,
        key: Annotated[dict[str, Any], Field(description="Value of each column of the table's grain.")],
        column: Annotated[str | None, Field(description="The column whose value alone is traced.")] = None,
        version: Annotated[str | None, Field(description="A published version (default: the current).")] = None,
        limit: Annotated[int, Field(ge=0, le=100, description="Rows of each dataset at most.")] = 5,
    ) -> dict[str, Any]:
        return _answered(lambda: tools.trace(mart, table, key, column, version, limit))


def http_app(server: MCPServer[Any], tokens: ServerTokens, host: str, port: int) -> ASGIApp:
    """The server over HTTP at ``/mcp``: who offers no token of ``tokens`` gets status 401 and nothing else."""
    from mcp.server.transport_security import TransportSecuritySettings

    # A page of another site, open in a reader's browser, must not reach the port by another name of the host.
    names = [f"{host}:{port}", f"localhost:{port}"]
    security = TransportSecuritySettings(allowed_hosts=names, allowed_origins=[f"http://{name}" for name in names])
    inner = server.streamable_http_app(stateless_http=True, json_response=True, host=host, transport_security=security)

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", ())}
        if scope["type"] == "http" and _reader(tokens, headers) is None:
            told = [(b"content-type", b"text/plain"), (b"www-authenticate", b"Bearer")]
            await send({"type": "http.response.start", "status": 401, "headers": told})
            await send({"type": "http.response.body", "body": b"no valid token"})
            return
        await inner(scope, receive, send)

    return guarded


def _reader(tokens: ServerTokens | None, headers: Mapping[str, str] | None) -> str | None:
    """The user of the token that came with a request; None without tokens: it is then the user of this process."""
    if tokens is None:
        return None
    kind, _, offered = (headers or {}).get("authorization", "").partition(" ")
    return tokens.user_of(offered.strip()) if kind.lower() == "bearer" else None


def _answered(ask: Any) -> dict[str, Any]:
    """The answer as plain JSON; an error of citylake as a text that says what to do."""
    try:
        found: dict[str, Any] = json.loads(json.dumps(_plain(ask()), default=str))
    except CitylakeError as error:
        raise ToolError(f"{error.code}: {error.say(current_language())}") from error
    return found


def _plain(value: Any) -> Any:
    """The value with texts in place of numbers that JSON has not, and of keys that are none."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
