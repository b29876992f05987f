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
    from pipelines.cli.tables import listing, state

    if not found["datasets"]:
        console().print(word("run.no_runs", lake=lake), markup=False)
        return
    table = listing(None, ("dataset", "status", "last_run"), ("rows_in", "share"))
    for item in found["datasets"]:
        counts = (f"{item['rows_in']:,}", f"{item['quarantine_share']:.2%}")
        table.add_row(item["dataset"], state(item["status"]), str(item["at"])[:16].replace("T", " "), *counts)
    console().print(table)
    console().print()
    marts = listing(None, ("mart", "status", "version"))
    for item in found["marts"]:
        marts.add_row(item["mart"], state(item["status"]), item["version"] or "—")
    console().print(marts)
