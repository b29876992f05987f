"""``citylake rebuild``: a mart as it was published at an earlier time, made again from what the lake has kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from citylake.pipelines.history.rebuild.rebuild_result import DatasetReread


def cli_rebuild(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="Id of the mart.")],
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of",
            metavar="TIME",
            help="A time such as 2026-03-01T09:00 (in the workspace's zone) or with a zone; a day means its end.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option(help="The DuckDB file to write (default: MART-as-of-TIME.duckdb, here).")
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="Memory limit for data structures that grow with the data, such as 800MB (default: 1GB)."),
    ] = None,
    why: Annotated[str, typer.Option(help="Why sealed data are read; recorded with who reads them.")] = "",
    as_json: JsonOption = False,
) -> int:
    """Make a mart again as it was published at an earlier time, and compare it with what was published.

    From the bytes, declarations and corrections of that time, not from versions of tables. The lake is only read, and
    the published version stays the same. Exit code 0: as published; 1: wrong usage, or that time is not possible any
    more; 2: rows differ; 3: failed.
    """
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from citylake.pipelines.blocks.memory_budget import budget_for_memory
    from citylake.pipelines.history.rebuild.as_of_time import parse_as_of, time_in_name
    from citylake.pipelines.history.rebuild.rebuild_mart import rebuild_mart
    from citylake.pipelines.history.rebuild.rebuild_result import rebuild_document
    from citylake.pipelines.lake.access_record import Asked

    shared: SharedOptions = context.obj
    work = replace(shared.context(), budget=budget_for_memory(memory), asked=Asked(why=why))
    zone = ZoneInfo(work.registry.workspace.settings.timezone)
    at = parse_as_of(as_of, zone, datetime.now(UTC))
    file = output or Path(f"{mart}-as-of-{time_in_name(at)}.duckdb")
    outcome = rebuild_mart(work, mart, at, file, _silent if as_json else _tell_dataset)
    document = rebuild_document(outcome)
    if as_json:
        print_json(document)
    else:
        _print_result(document)
    return outcome.exit_code


def _silent(_done: DatasetReread) -> None:
    """With ``--json``: there is one document, and nothing else."""


def _tell_dataset(done: DatasetReread) -> None:
    text = translate_key(
        "rebuild.dataset_read",
        dataset=done.dataset,
        batches=done.batches,
        receipts=done.receipts,
        rows_in=f"{done.rows_in:,}",
        rows_standard=f"{done.rows_standard:,}",
    )
    print_text(text, error=True)


def _print_result(document: Mapping[str, Any]) -> None:
    names = ("mart", "version", "published_at")
    print_text(translate_key("rebuild.version", at=document["as_of"], **{name: document[name] for name in names}))
    for table in document["tables"]:
        print_text(_table_line(table, document["compared"]))
    for each in document["datasets"]:
        if each["skipped"]:
            print_text(f"{each['dataset']}:" + translate_key("rebuild.dataset_skipped", count=each["skipped"]))
    for problem in document["problems"]:
        print_text(problem["text"][current_language()])
    print_text(translate_key("rebuild.saved", file=document["file"]))


def _table_line(table: Mapping[str, Any], compared: str) -> str:
    values = {**table, "rows": f"{table['rows']:,}", "published": f"{table['published']:,}"}
    if table["columns"]:
        return translate_key("rebuild.table_columns", table=table["table"], columns=", ".join(table["columns"]))
    if not table["equal"]:
        unknown = {name: "—" for name in ("only_rebuilt", "only_published") if table[name] is None}
        return translate_key("rebuild.table_differs", **{**values, **unknown})
    if compared == "counts":
        return translate_key("rebuild.table_count", **values)
    return translate_key("rebuild.table_close" if table["rounded"] else "rebuild.table_equal", **values)
