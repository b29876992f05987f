"""``citylake serve``: one version of a mart for DuckDB clients of other processes and machines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from citylake.pipelines.cli.query_command import MemoryOption
from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text


def cli_serve(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="Name of the mart.")],
    version: Annotated[str | None, typer.Option("--version", help="An older version (default: the current).")] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65_535, help="Port to listen at.")] = 9494,
    tokens: Annotated[
        Path | None, typer.Option("--tokens", help="File with a line NAME TOKEN for each person; mode 0600.")
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, max=86_400, help="Interrupt a query after so many seconds.")
    ] = 600.0,
    memory: MemoryOption = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Threads of all queries together.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Serve one version of a mart over DuckDB's protocol Quack.

    A client attaches `quack:HOST:PORT` with a token: one of the file of --tokens, else CITYLAKE_SERVE_TOKEN, else a
    new one, which is printed. Each query passes the gates of `citylake query` and is recorded. SIGTERM ends the
    server; SIGHUP moves on to the current version.
    """
    from contextlib import closing

    from citylake.pipelines.blocks.memory_budget import parse_memory_size
    from citylake.pipelines.read.query_limits import QueryLimits
    from citylake.pipelines.serve.quack_server import QuackServer
    from citylake.pipelines.serve.serve_mart import pointer_of, serve_until_told
    from citylake.pipelines.serve.server_tokens import server_tokens
    from citylake.schemas.words.message_catalogue import translate_key

    shared: SharedOptions = context.obj
    lake, admitted = shared.lake(), server_tokens(tokens)
    limits = QueryLimits(timeout, parse_memory_size(memory)) if memory else QueryLimits(timeout)
    pointer = pointer_of(lake, mart, version)

    def ready() -> None:
        address = f"quack:{host}:{port}"
        if as_json:
            document = {"mart": mart, "version": pointer.version, "address": address, "token": admitted.made or None}
            print_json(document)
        else:
            print_text(translate_key("serve.ready", mart=mart, version=pointer.version, address=address))
            if admitted.made:
                print_text(translate_key("serve.token", token=admitted.made))
        _flush()

    with closing(QuackServer(lake, pointer, admitted, limits, _tell, threads)) as server:
        serve_until_told(server, host, port, ready, pinned=version is not None)
    return 0


def _tell(text: str) -> None:
    print_text(text, error=True)


def _flush() -> None:
    # Whoever started the server reads this through a pipe.
    import sys

    sys.stdout.flush()
