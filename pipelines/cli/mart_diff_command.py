"""``citylake mart diff``: what differs between two versions of a mart, cell by cell, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.query_command import MemoryOption
from citylake.pipelines.cli.shared_options import JsonOption, OutputOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.history.diff.run_diff import OpenDifference
    from citylake.schemas.read.registry import Registry

_DAY = ["%Y-%m-%d"]
_LIMIT = 20


def cli_mart_diff(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="The mart.")],
    before: Annotated[
        str, typer.Argument(help="The earlier version: a version, a time, `previous` or `current`.")
    ] = "previous",
    after: Annotated[str, typer.Argument(help="The later version.")] = "current",
    table: Annotated[list[str] | None, typer.Option(help="Only this table (can be repeated).")] = None,
    column: Annotated[list[str] | None, typer.Option(help="Only this column (can be repeated).")] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="Only rows with this value, as COLUMN=VALUE (can be repeated).")
    ] = None,
    day_from: Annotated[datetime | None, typer.Option(formats=_DAY, help="Only rows of this day and later.")] = None,
    day_to: Annotated[datetime | None, typer.Option(formats=_DAY, help="Only rows up to this day.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="The most examples to print of one table.")] = _LIMIT,
    output: OutputOption = None,
    memory: MemoryOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show the rows and cells that differ between two versions of a mart, and what changed each of them.

    A time stands for the version that was current then; a day is its beginning. --output has every changed cell. With
    days, only tables that have days are compared. The comparison is recorded in the ledger's accesses, like a query.
    """
    from citylake.pipelines.history.diff.recorded_diff import open_recorded_diff
    from citylake.pipelines.history.diff.row_filter import RowFilter, parse_key
    from citylake.pipelines.lake.access_record import Asked

    shared: SharedOptions = context.obj
    first, last = (day.date() if day else None for day in (day_from, day_to))
    if first and last and first > last:
        raise CitylakeError("DAYS_REVERSED", first=first, last=last)
    chosen = RowFilter(tuple(table or ()), tuple(column or ()), parse_key(key or []), first, last)
    wanted, to_file = (before, after), str(output) if output else ""
    opened = open_recorded_diff(
        shared.lake(),
        mart,
        wanted,
        _registry(shared),
        Asked(),
        chosen,
        limit=limit,
        to_file=to_file,
        memory=_limit(memory),
    )
    with opened as (found, unrecorded):
        if unrecorded:
            print_text(translate_key("query.unrecorded", why=unrecorded), error=True)
        _print(found, output, as_json=as_json)
    return 0


def _registry(shared: SharedOptions) -> Registry | None:
    """Today's declarations, if there is a workspace: those of the compared versions are on record."""
    try:
        return shared.registry()
    except CitylakeError:
        return None


def _limit(memory: str | None) -> str | None:
    from citylake.pipelines.blocks.memory_budget import parse_memory_size

    return f"{parse_memory_size(memory)}B" if memory else None


def _print(found: OpenDifference, output: Path | None, *, as_json: bool) -> None:
    from citylake.pipelines.history.diff.diff_document import diff_document

    if output:
        count = _save(output, found)
        print_text(translate_key("run.saved", file=output, count=f"{count:,}"), error=True)
    if as_json:
        print_json(diff_document(found.result))
    elif not output:
        from citylake.pipelines.cli.diff_lines import print_difference

        print_difference(found.result)


def _save(path: Path, found: OpenDifference) -> int:
    """Write every changed cell as a CSV file for people; return how many there are. Raises OUTPUT_UNWRITABLE."""
    from citylake.pipelines.cli.diff_lines import sheet_columns, sheet_rows
    from citylake.pipelines.read.spreadsheet_csv import write_spreadsheet_csv

    count = 0

    def counted() -> Iterator[list[Any]]:
        nonlocal count
        for row in sheet_rows(found):
            count += 1
            yield row

    try:
        write_spreadsheet_csv(path, sheet_columns(), counted())
    except OSError as error:
        raise CitylakeError("OUTPUT_UNWRITABLE", file=str(path), why=error.strerror or str(error)) from error
    return count
