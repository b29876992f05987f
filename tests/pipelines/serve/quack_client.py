"""A client in a process of its own: attaches a server with Quack, and prints what each statement gave as JSON."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import duckdb


def main() -> None:
    """Read ``{"address", "token", "statements"}`` from standard input."""
    asked = json.load(sys.stdin)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as client:
        for name in ("httpfs", "quack"):
            folder = Path(import_module(f"duckdb_extension_{name}").__path__[0])
            client.execute(f"LOAD '{folder}/extensions/v{duckdb.__version__}/{name}.duckdb_extension'")
        print(json.dumps(_ask(client, f"ATTACH '{asked['address']}' AS mart (TOKEN '{asked['token']}')")))
        for statement in asked["statements"]:
            print(json.dumps(_ask(client, statement), default=str))


def _ask(client: duckdb.DuckDBPyConnection, statement: str) -> object:
    try:
        return {"rows": client.execute(statement).fetchall()}
    except duckdb.Error as error:
        return {"error": str(error)}


if __name__ == "__main__":
    main()
