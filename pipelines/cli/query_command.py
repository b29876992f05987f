"""``citylake query`` and ``citylake ledger``: SQL over the published version of a mart, or over the ledger."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import (
    JsonOption,
    OutputOption,
    SharedOptions,
    make_console,
    print_json,
    save_spreadsheet,
)
from citylake.pipelines.cli.terminal_text import escape_controls, print_text
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.read.query_limits import QueryLimits

CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV for another program: UTF-8, values unchanged.")]

TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0.1, max=86_400, help="Interrupt the query after so many seconds.")
]
MemoryOption = Annotated[
    str | None,
    typer.Option("--memory", help="Memory for the query, such as 1GB; above it, a temporary folder is used."),
]
_TIMEOUT_S = 600.0


def cli_query(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="Name of the mart.")],
    sql: Annotated[str, typer.Argument(help="SELECT over the mart's tables, in DuckDB SQL.")],
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    output: OutputOption = None,
    timeout: TimeoutOption = _TIMEOUT_S,
    memory: MemoryOption = None,
) -> int:
    """Run a SELECT over the published version of a mart.

    The mart is opened read-only, and the query is recorded in the ledger's accesses. CITYLAKE_MEMORY sets the default
    of `--memory` (1GB).
    """
    from citylake.pipelines.lake.access_record import Asked
    from citylake.pipelines.read.meaning_warnings import meaning_warnings
    from citylake.pipelines.read.recorded_query import ask_mart

    shared: SharedOptions = context.obj
    limits = _limits(timeout, memory)
    found = ask_mart(shared.lake(), mart, sql, Asked(), limits, to_file=str(output) if output else "")
    if found.unrecorded:
        print_text(translate_key("query.unrecorded", why=found.unrecorded), error=True)
    for warning in meaning_warnings(shared.lake(), mart, sql):
        print_text(warning, error=True)
    _print_result(found.columns, found.rows, as_json=as_json, as_csv=as_csv, output=output)
    return 0


def cli_ledger(
    context: typer.Context,
    sql: Annotated[str, typer.Argument(help="SELECT over the ledger's tables, in DuckDB SQL.")],
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    output: OutputOption = None,
    timeout: TimeoutOption = _TIMEOUT_S,
    memory: MemoryOption = None,
) -> int:
    """Run a SELECT over the ledger: receipts, batches, checks, …

    `SHOW TABLES` lists the tables. Times are in UTC.
    """
    from citylake.pipelines.read.ledger_sql import query_ledger

    shared: SharedOptions = context.obj
    _print_result(
        *query_ledger(shared.lake(), sql, _limits(timeout, memory)), as_json=as_json, as_csv=as_csv, output=output
    )
    return 0


def _limits(timeout: float, memory: str | None) -> QueryLimits:
    from citylake.pipelines.blocks.memory_budget import parse_memory_size
    from citylake.pipelines.read.query_limits import QueryLimits

    return QueryLimits(timeout, parse_memory_size(memory)) if memory else QueryLimits(timeout)


def _print_result(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], *, as_json: bool, as_csv: bool, output: Path | None
) -> None:
    if output:
        save_spreadsheet(output, columns, rows)
    elif as_json:
        print_json({"columns": list(columns), "rows": [dict(zip(columns, row, strict=True)) for row in rows]})
    elif as_csv:
        _print_csv(columns, rows)
    else:
        _print_rows(columns, rows)


def _print_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    # A program gets the values exactly; a person's terminal must not act on them.
    show = _escape_text if sys.stdout.isatty() else _unchanged
    writer.writerow(map(show, columns))
    writer.writerows(map(show, row) for row in rows)


def _escape_text(value: Any) -> Any:
    return escape_controls(value) if isinstance(value, str) else value


def _unchanged(value: Any) -> Any:
    return value


def _print_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from rich.table import Column, Table

    headings = (Column(name, overflow="fold") for name in columns)
    table = Table(*headings, box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("" if value is None else _format_cell(value) for value in row))
    make_console().print(table)


def _format_cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
