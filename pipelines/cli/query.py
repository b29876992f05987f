"""``citylake query``: SQL over the current version of a mart."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from pipelines.cli.shared import Json, Shared, console, print_json


def query(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="The mart's name.")],
    sql: Annotated[str, typer.Argument(help="A SELECT over its tables, in DuckDB's SQL.")],
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
) -> int:
    """Ask the mart that is published now; it is opened read-only."""
    from pipelines.publish.reader import query as ask

    shared: Shared = context.obj
    columns, rows = ask(shared.lake(), mart, sql)
    if as_json:
        print_json({"columns": list(columns), "rows": [dict(zip(columns, row, strict=True)) for row in rows]})
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        _print(columns, rows)
    return 0


def _print(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.table import Column, Table

    headings = (Column(name, overflow="fold") for name in columns)
    table = Table(*headings, box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("" if value is None else _shown(value) for value in row))
    console().print(table)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
