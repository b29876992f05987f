"""``citylake query`` and ``citylake ledger``: SQL over the current version of a mart, or over what the lake did."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json

CsvOption = Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")]


def cli_query(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="The mart's name.")],
    sql: Annotated[str, typer.Argument(help="A SELECT over its tables, in DuckDB's SQL.")],
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> int:
    """Ask the mart that is published now; it is opened read-only."""
    from citylake.pipelines.read.mart_reader import query_mart as ask

    shared: SharedOptions = context.obj
    _print_result(*ask(shared.lake(), mart, sql), as_json=as_json, as_csv=as_csv)
    return 0


def cli_ledger(
    context: typer.Context,
    sql: Annotated[str, typer.Argument(help="A SELECT over receipts, batches, checks, …, in DuckDB's SQL.")],
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> int:
    """Ask the ledger what ran, what came, what failed and what was published; times are in UTC."""
    from citylake.pipelines.read.ledger_sql import query_ledger

    shared: SharedOptions = context.obj
    _print_result(*query_ledger(shared.lake(), sql), as_json=as_json, as_csv=as_csv)
    return 0


def _print_result(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        print_json({"columns": list(columns), "rows": [dict(zip(columns, row, strict=True)) for row in rows]})
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        _print_rows(columns, rows)


def _print_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.table import Column, Table

    headings = (Column(name, overflow="fold") for name in columns)
    table = Table(*headings, box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("" if value is None else _format_cell(value) for value in row))
    make_console().print(table)


def _format_cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
