"""``citylake trace``: from one row of a mart back to the standard rows, the files and the receipts it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import (
    JsonOption,
    OutputOption,
    SharedOptions,
    print_json,
    save_spreadsheet,
)
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_SAVED = 100_000
KeyArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="KEY... [COLUMN]",
        help="COLUMN=VALUE for each column of the grain, one JSON object, or the values in the grain's order. "
        "The name of one column may follow: its value alone is then traced.",
    ),
]


def cli_trace(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="Name of the mart.")],
    table: Annotated[str, typer.Argument(help="Name of the table.")],
    key: KeyArgument,
    version: Annotated[
        str | None, typer.Option("--version", help="A published version, or its beginning (default: the current one).")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Rows of each dataset that are shown.")] = 20,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> int:
    """Trace one row of a mart to what the sources sent.

    Shows the standard rows it was made from, each with its file and row, receipt, contract and corrections, and the
    rows beside them that were refused. The table's SELECT is run over these rows alone; the command says whether it
    makes the same values. The trace is recorded in the ledger's accesses. `citylake lineage` speaks of columns.
    """
    from citylake.pipelines.history.trace.recorded_trace import recorded_trace
    from citylake.pipelines.history.trace.trace_document import trace_document

    shared: SharedOptions = context.obj
    registry, lake = shared.registry(), shared.lake()
    found, unrecorded = recorded_trace(lake, registry, mart, table, key, version=version)
    if unrecorded:
        print_text(translate_key("query.unrecorded", why=unrecorded), error=True)
    document = trace_document(lake, registry, found, _MOST_SAVED if output else limit)
    if output:
        _save(output, document)
    elif as_json:
        print_json(document)
    else:
        from citylake.pipelines.cli.trace_tree import print_trace

        print_trace(document)
    return 0


def _save(path: Path, document: dict[str, Any]) -> None:
    """One line for each standard row."""
    names = ("dataset", "row_id", "batch", "receipt", "received_at", "sha256", "file", "row", "key", "values", "raw")
    save_spreadsheet(path, names, list(_lines(document)))


def _lines(document: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for each in document["datasets"]:
        receipts = {receipt["id"]: receipt for receipt in each["receipts"]}
        for row in each["standard"]:
            receipt = receipts.get(row["receipt"], {})
            origin = (row["batch"], row["receipt"], receipt.get("received_at"), receipt.get("sha256"))
            texts = (_pairs(row[name]) for name in ("key", "values", "raw"))
            yield (each["dataset"], row["row_id"], *origin, row["source"], row["row"], *texts)


def _pairs(values: dict[str, Any] | None) -> str:
    return "; ".join(f"{name}={'' if value is None else value}" for name, value in (values or {}).items())
