"""``citylake status``: the last batch of every dataset and the current version of every mart."""

from __future__ import annotations

from typing import Any

import typer

from pipelines.cli.shared import Json, Shared, console, print_json
from schemas.catalogue import word


def status(context: typer.Context, as_json: Json = False) -> int:
    """What the lake holds, from its ledger."""
    from pipelines.ledger import Ledger

    shared: Shared = context.obj
    found = Ledger(shared.lake()).status()
    if as_json:
        print_json(found)
    else:
        _print(found, shared.url)
    return 0


def _print(found: dict[str, Any], lake: str) -> None:
    from rich.table import Table

    from pipelines.cli.tables import state

    if not found["datasets"]:
        console().print(word("run.no_runs", lake=lake))
        return
    table = Table()
    for name in ("dataset", "status", "last_run", "rows_in", "standard", "quarantined", "share"):
        table.add_column(word(f"run.{name}"))
    for item in found["datasets"]:
        counts = [f"{item[name]:,}" for name in ("rows_in", "rows_standard", "rows_quarantined")]
        share = f"{item['quarantine_share']:.2%}"
        table.add_row(item["dataset"], state(item["status"]), str(item["at"])[:19], *counts, share)
    console().print(table)
    marts = Table()
    for name in ("mart", "status", "version", "where"):
        marts.add_column(word(f"run.{name}"))
    for item in found["marts"]:
        marts.add_row(item["mart"], state(item["status"]), item["version"] or "—", item["path"] or "—")
    console().print(marts)
