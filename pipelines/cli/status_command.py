"""``citylake status``: what is in the lake, how new it is, what waits for a person, and the next command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from citylake.schemas.read.registry import Registry

_WIDE = 110
"""From this width, the table also has the time of the last run and the share of refused rows."""


def cli_status(context: typer.Context, as_json: JsonOption = False) -> int:
    """Show each dataset's rows, newest day, freshness and refused rows, what is held or failed, and each mart.

    Below the table, one block for everything that waits for a person: the reason, and the command to go on with.
    """
    from datetime import UTC, datetime

    from citylake.pipelines.flow.status_document import status_document
    from citylake.pipelines.lake.lake_format import LAKE_FORMAT, format_number
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.pipelines.upkeep.privacy.reseal_lake import count_plain_files

    shared: SharedOptions = context.obj
    lake = shared.lake()
    registry = _registry(shared)
    found, stated = status_document(lake, Ledger(lake), registry, datetime.now(UTC)), format_number(lake)
    plain = count_plain_files(lake, registry) if registry else {}
    older = bool(found["datasets"]) and stated < LAKE_FORMAT
    if as_json:
        print_json({**found, "format": stated if older else LAKE_FORMAT, "plain_files": plain})
        return 0
    _print_status(found, shared.url)
    for dataset, count in plain.items():
        print_text(translate_key("seal.plain_files", dataset=dataset, count=f"{count:,}"))
    if older:
        print_text(translate_key("migrate.older", format=stated, current=LAKE_FORMAT))
    return 0


def _registry(shared: SharedOptions) -> Registry | None:
    """The declarations, if there are any: a lake tells what is in it without them, too."""
    try:
        return shared.registry()
    except CitylakeError:
        return None


def _print_status(found: Mapping[str, Any], lake: str) -> None:
    from citylake.pipelines.cli.result_tables import colour_status, make_listing

    if not found["datasets"]:
        make_console().print(translate_key("run.no_runs", lake=lake))
        return
    _print_datasets(found["datasets"])
    _print_waiting(found["datasets"])
    make_console().print()
    marts = make_listing(None, ("mart", "status", "version"))
    for item in found["marts"]:
        marts.add_row(item["mart"], colour_status(item["status"]), item["version"] or "—")
    make_console().print(marts)
    for item in found["marts"]:
        if item["why"]:
            print_text(f"{item['mart']}: {item['why'][current_language()]}")


def _print_datasets(datasets: Sequence[Mapping[str, Any]]) -> None:
    from citylake.pipelines.cli.result_tables import colour_status, make_listing

    screen = make_console()
    wide = screen.width >= _WIDE
    texts = ("dataset", "status", "newest", "fresh", *(("last_run",) if wide else ()))
    table = make_listing(None, texts, ("rows", "refused", "overdue", *(("share",) if wide else ())))
    for item in datasets:
        last = [str(item["recorded_at"])[:16].replace("T", " ")] if wide else []
        share = [f"{item['quarantine_share']:.2%}"] if wide else []
        status = colour_status("held" if item["waiting"] else item["status"])
        numbers = (_number(item[name]) for name in ("rows", "refused", "overdue"))
        table.add_row(item["dataset"], status, item["newest"] or "—", _freshness(item), *last, *numbers, *share)
    screen.print(table)


def _number(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def _freshness(item: Mapping[str, Any]) -> Any:
    from rich.text import Text

    late = item["freshness"]["late"]
    if late is None:
        return "—"
    return Text(translate_key("notify.is_late"), "red") if late else translate_key("notify.is_fresh")


def _print_waiting(datasets: Sequence[Mapping[str, Any]]) -> None:
    from citylake.pipelines.cli.held_command import print_summary

    for item in datasets:
        if item["waiting"] or item["why"]:
            print_text("")
        for each in item["waiting"]:
            print_summary(each)
        if item["why"]:
            print_text(f"{item['dataset']}: {item['why'][current_language()]}\n  {item['command']}")
