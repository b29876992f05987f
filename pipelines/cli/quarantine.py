"""``citylake quarantine``: refused rows with all their reasons."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.shared import Json, Shared, console, print_json
from schemas.catalogue import current_language, word

app = typer.Typer(help="Refused rows and their reasons.", rich_markup_mode=None)


@app.callback()
def group() -> None:
    """Refused rows and their reasons."""


@app.command("list")
def list_rows(
    context: typer.Context,
    dataset: Annotated[str, typer.Option(help="The dataset whose quarantine to show.")],
    limit: Annotated[int, typer.Option(help="Rows to show (--json without it gives all).")] = 0,
    as_json: Json = False,
) -> int:
    """The rows of a dataset's quarantine."""
    from pipelines.order import ordered
    from pipelines.quarantine import read

    shared: Shared = context.obj
    registry = shared.registry()
    contract = ordered(registry, [dataset])[0]
    found = read(shared.lake(), contract, registry, limit or (None if as_json else 20))
    if as_json:
        print_json(found)
        return 0
    if not found["total"]:
        print(word("run.quarantine_empty", dataset=dataset))
        return 0
    _print(found, dataset)
    return 0


def _print(found: dict[str, object], dataset: str) -> None:
    from rich.table import Table

    rows = found["rows"]
    assert isinstance(rows, list)
    title = word("run.quarantine_title", dataset=dataset, count=f"{found['total']:,}")
    table = Table(
        title=title, title_justify="left", box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold"
    )
    table.add_column(word("run.source"), overflow="fold")
    table.add_column(word("run.row"), justify="right")
    table.add_column(word("run.why"), overflow="fold")
    for row in rows:
        why = "\n".join(f"{reason['code']}: {reason['text'][current_language()]}" for reason in row["reasons"])
        where = f"{row['source']} · {row['part']}" if row["part"] else row["source"]
        table.add_row(where, str(row["row"]), why)
    console().print(table)
    if len(rows) < int(str(found["total"])):
        print(word("run.quarantine_more", shown=len(rows)))
