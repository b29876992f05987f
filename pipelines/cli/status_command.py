"""``citylake status``: shows the last batch of every dataset and the version of every mart."""

from __future__ import annotations

from typing import Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.schemas.words.message_catalogue import translate_key


def cli_status(context: typer.Context, as_json: JsonOption = False) -> int:
    """Show each dataset's last batch and each mart's version."""
    from citylake.pipelines.lake.lake_format import LAKE_FORMAT, format_number
    from citylake.pipelines.lake.ledger import Ledger

    shared: SharedOptions = context.obj
    lake = shared.lake()
    found, stated = Ledger(lake).status(), format_number(lake)
    older = bool(found["datasets"]) and stated < LAKE_FORMAT
    if as_json:
        print_json({**found, "format": stated if older else LAKE_FORMAT})
        return 0
    _print_status(found, shared.url)
    if older:
        make_console().print(translate_key("migrate.older", format=stated, current=LAKE_FORMAT))
    return 0


def _print_status(found: dict[str, Any], lake: str) -> None:
    from citylake.pipelines.cli.result_tables import colour_status, make_listing

    if not found["datasets"]:
        make_console().print(translate_key("run.no_runs", lake=lake))
        return
    table = make_listing(None, ("dataset", "status", "last_run"), ("rows_in", "share"))
    for item in found["datasets"]:
        counts = (f"{item['rows_in']:,}", f"{item['quarantine_share']:.2%}")
        last = str(item["recorded_at"])[:16].replace("T", " ")
        table.add_row(item["dataset"], colour_status(item["status"]), last, *counts)
    make_console().print(table)
    make_console().print()
    marts = make_listing(None, ("mart", "status", "version"))
    for item in found["marts"]:
        marts.add_row(item["mart"], colour_status(item["status"]), item["version"] or "—")
    make_console().print(marts)
