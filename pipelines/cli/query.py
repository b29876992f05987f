"""``citylake query`` and ``citylake ledger``: SQL over the current version of a mart, or over what the lake did."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from pipelines.cli.shared import Json, Shared, console, print_json

Csv = Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")]


def query(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="The mart's name.")],
    sql: Annotated[str, typer.Argument(help="A SELECT over its tables, in DuckDB's SQL.")],
    as_json: Json = False,
    as_csv: Csv = False,
) -> int:
    """Ask the mart that is published now; it is opened read-only."""
    from pipelines.publish.reader import query as ask

    shared: Shared = context.obj
    _tell(*ask(shared.lake(), mart, sql), as_json=as_json, as_csv=as_csv)
    return 0


def ledger(
    context: typer.Context,
    sql: Annotated[str, typer.Argument(help="A SELECT over receipts, batches, checks, …, in DuckDB's SQL.")],
    as_json: Json = False,
    as_csv: Csv = False,
) -> int:
    """Ask the ledger what ran, what came, what failed and what was published; times are in UTC."""
    from pipelines.ledger.asking import ask

    shared: Shared = context.obj
    _tell(*ask(shared.lake(), sql), as_json=as_json, as_csv=as_csv)
    return 0


def _tell(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        print_json({"columns": list(columns), "rows": [dict(zip(columns, row, strict=True)) for row in rows]})
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        _print(columns, rows)


def _print(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.table import Column, Table

    headings = (Column(name, overflow="fold") for name in columns)
    table = Table(*headings, box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("" if value is None else _shown(value) for value in row))
    console().print(table)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
