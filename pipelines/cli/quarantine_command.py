"""``citylake quarantine``: lists quarantined rows with all their reasons."""

from __future__ import annotations

from typing import Annotated

import typer

from citylake.pipelines.cli.shared_options import (
    JsonOption,
    OutputOption,
    SharedOptions,
    make_console,
    print_json,
    save_spreadsheet,
)
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key

app = typer.Typer(help="List quarantined rows and their reasons.", rich_markup_mode=None)


@app.callback()
def quarantine_group() -> None:
    """List quarantined rows and their reasons."""


@app.command("list")
def cli_list_quarantine(
    context: typer.Context,
    dataset: Annotated[str, typer.Option(help="Id of the dataset.")],
    limit: Annotated[int, typer.Option(help="Maximum number of rows; 0 means 20, or all with --json or --output.")] = 0,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> int:
    """List the quarantined rows of a dataset, oldest first."""
    from citylake.pipelines.flow.run_order import order_datasets
    from citylake.pipelines.read.quarantine_rows import read_quarantine
    from citylake.pipelines.read.quarantine_sheet import quarantine_sheet

    shared: SharedOptions = context.obj
    registry = shared.registry()
    contract = order_datasets(registry, [dataset])[0]
    found = read_quarantine(shared.lake(), contract, registry, limit or (None if as_json or output else 20))
    if output:
        save_spreadsheet(output, *quarantine_sheet(found, current_language()))
        return 0
    if as_json:
        print_json(found)
        return 0
    if not found["total"]:
        print_text(translate_key("run.quarantine_empty", dataset=dataset))
        return 0
    _print_quarantine(found, dataset)
    return 0


def _print_quarantine(found: dict[str, object], dataset: str) -> None:
    from rich.table import Table

    rows = found["rows"]
    assert isinstance(rows, list)
    total, values = int(str(found["total"])), int(str(found["with_values"]))
    title = translate_key("run.quarantine_title", dataset=dataset, count=f"{total - values:,}")
    if values:
        title += "\n" + translate_key("run.quarantine_values", dataset=dataset, count=f"{values:,}")
    table = Table(
        title=title, title_justify="left", box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold"
    )
    table.add_column(translate_key("run.source"), overflow="fold")
    table.add_column(translate_key("run.row"), justify="right")
    table.add_column(translate_key("run.why"), overflow="fold")
    for row in rows:
        why = "\n".join(f"{reason['code']}: {reason['text'][current_language()]}" for reason in row["reasons"])
        if row["refused"]:
            why = translate_key("run.quarantine_values_of", columns=", ".join(row["refused"])) + "\n" + why
        where = f"{row['source']} · {row['part']}" if row["part"] else row["source"]
        table.add_row(where, str(row["row"]), why)
    make_console().print(table)
    if len(rows) < total:
        print_text(translate_key("run.quarantine_more", shown=len(rows)))
