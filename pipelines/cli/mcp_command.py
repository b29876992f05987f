"""``citylake mcp``: marts for programs with a language model, over the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.query_command import MemoryOption, TimeoutOption
from citylake.pipelines.cli.shared_options import SharedOptions
from citylake.pipelines.cli.terminal_text import print_text

if TYPE_CHECKING:
    from citylake.pipelines.serve.mart_tools import MartTools, SearchElements
    from citylake.schemas.read.registry import Registry


def cli_mcp(
    context: typer.Context,
    marts: Annotated[list[str] | None, typer.Argument(help="Marts to show (default: all that are published).")] = None,
    http: Annotated[
        int | None, typer.Option("--http", min=1, max=65_535, help="Listen at 127.0.0.1:PORT/mcp, not on stdio.")
    ] = None,
    tokens: Annotated[
        Path | None,
        typer.Option("--tokens", help="With --http: file with a line NAME TOKEN for each person; mode 0600."),
    ] = None,
    timeout: TimeoutOption = 60.0,
    memory: MemoryOption = None,
) -> int:
    """Serve marts to a program with a language model: its tools are find, describe,
    query and trace.

    The program starts this command and speaks to it on standard input and output. With --http it is a server at
    127.0.0.1, for clients with a token as those of `citylake serve`, and without trace. Each query passes the gates of
    `citylake query`, and all are recorded. Needs the extra `mcp`.
    """
    from citylake.pipelines.blocks.memory_budget import parse_memory_size
    from citylake.pipelines.read.query_limits import QueryLimits
    from citylake.pipelines.serve.mart_tools import MartTools
    from citylake.pipelines.serve.server_tokens import server_tokens
    from citylake.schemas.words.errors import CitylakeError

    shared: SharedOptions = context.obj
    try:
        import mcp as _installed  # noqa: F401
    except ImportError as error:
        raise CitylakeError("MCP_EXTRA_MISSING", why=str(error)) from error
    limits = QueryLimits(timeout, parse_memory_size(memory)) if memory else QueryLimits(timeout)
    admitted = server_tokens(tokens) if http else None
    registry = _registry(shared)
    search = _search(registry) if registry else None
    tools = MartTools(shared.lake(), marts or (), limits, search, registry, admitted)
    if http:
        _serve_http(tools, http)
    else:
        from citylake.pipelines.serve.mcp_server import mcp_server

        mcp_server(tools).run("stdio")
    return 0


def _serve_http(tools: MartTools, port: int) -> None:
    import uvicorn

    from citylake.pipelines.serve.mcp_server import http_app, mcp_server
    from citylake.schemas.words.message_catalogue import translate_key

    assert tools.tokens is not None
    host = "127.0.0.1"
    print_text(translate_key("mcp.ready", address=f"http://{host}:{port}/mcp"), error=True)
    if tools.tokens.made:
        print_text(translate_key("serve.token", token=tools.tokens.made), error=True)
    uvicorn.run(http_app(mcp_server(tools), tools.tokens, host, port), host=host, port=port, log_level="warning")


def _registry(shared: SharedOptions) -> Registry | None:
    """The workspace's declarations; None where there is no workspace: a lake alone has marts only."""
    from citylake.schemas.read.find_workspace import find_workspace
    from citylake.schemas.read.registry import load_registry
    from citylake.schemas.words.errors import CitylakeError

    try:
        return load_registry(find_workspace(shared.workspace))
    except CitylakeError as error:
        if error.code != "WORKSPACE_NOT_CHOSEN":
            raise
        return None


def _search(registry: Registry) -> SearchElements:
    """The search of the workspace's elements, which is above the package of the tools."""

    def search(words: str) -> dict[str, dict[str, Any]]:
        from citylake.pipelines.onboard.search_elements import search_elements

        found = {each.element.id: each for each in search_elements(words, registry, 5)}
        return {
            name: {
                "name_zh": each.element.name.zh,
                "name_en": each.element.name.en,
                "definition": each.element.definition.model_dump(),
                "unit": each.element.unit,
                "score": each.score,
            }
            for name, each in found.items()
        }

    return search
