"""``citylake acts``: what people decided, when and why."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from collections.abc import Sequence


def cli_list_acts(
    context: typer.Context,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only this day, in the time zone of the workspace (default: all)."),
    ] = None,
    digest: Annotated[
        bool, typer.Option("--digest", help="Counts by department, act and person of one day (default: today).")
    ] = False,
    send: Annotated[
        bool,
        typer.Option("--send", help="Send the digest of the day to the channels of CITYLAKE_NOTIFY_DIGEST."),
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """List who released, rejected, corrected, exported, discarded or reopened what, when and why."""
    from citylake.pipelines.acts.acts_digest import digest_acts, list_acts, today
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.schemas.words.message_catalogue import current_language

    shared: SharedOptions = context.obj
    registry, ledger = shared.registry(), Ledger(shared.lake())
    chosen = day.date() if day else None
    if send:
        return _send_digest(shared, chosen)
    if digest:
        found = digest_acts(ledger, registry, chosen or today(registry))
        if as_json:
            print_json(found.document())
        else:
            print_text(found.text(current_language()))
        return 0
    acts = list_acts(ledger, registry, chosen).to_dicts()
    if as_json:
        print_json({"acts": acts})
    elif not acts:
        print_text(translate_key("acts.no_acts"))
    else:
        _print_acts(acts)
    return 0


def _send_digest(shared: SharedOptions, day: date | None) -> int:
    from citylake.pipelines.acts.acts_digest import today
    from citylake.pipelines.acts.daily_digest import send_acts_digest
    from citylake.pipelines.flow.run_pipeline import EXIT_DONE, EXIT_FAILED
    from citylake.pipelines.lake.retry_attempts import quiet_retries

    quiet_retries()
    context = shared.context()
    return EXIT_FAILED if send_acts_digest(context, day or today(context.registry)) else EXIT_DONE


def _print_acts(acts: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in ("when", "who", "act", "dataset", "count", "reason"):
        table.add_column(
            translate_key(f"acts.list_{name}"), overflow="fold", justify="right" if name == "count" else "left"
        )
    for act in acts:
        when, kind = act["recorded_at"].strftime("%Y-%m-%d %H:%M"), translate_key(f"acts.kind_{act['act']}")
        table.add_row(when, act["user"], kind, act["dataset"], f"{act['rows']:,}", act["why"])
    make_console().print(table)
