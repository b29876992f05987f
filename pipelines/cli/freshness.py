"""``citylake freshness`` and ``citylake notify``: whose data are late, and telling people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.shared import Json, Shared, console, print_json
from schemas.catalogue import word

if TYPE_CHECKING:
    from pipelines.freshness import Age


def freshness(
    context: typer.Context,
    notify: Annotated[
        bool, typer.Option("--notify", help="Tell the channels of CITYLAKE_NOTIFY what changed.")
    ] = False,
    as_json: Json = False,
) -> int:
    """How old the newest data of every dataset are that promises freshness; exit code 2 where some are late."""
    from datetime import UTC, datetime

    from pipelines.alert import alert
    from pipelines.freshness import ages
    from pipelines.notify.channel import channels
    from pipelines.run import DONE, FAILED, HELD

    shared: Shared = context.obj
    work, heard = shared.context(writing=notify), channels() if notify else ()
    found = ages(work, datetime.now(UTC))
    failed = alert(work, found, heard)
    if as_json:
        print_json({"datasets": [_json(age) for age in found]})
    else:
        _print(found)
    if failed:
        return FAILED
    return HELD if any(age.late for age in found) else DONE


def _json(age: Age) -> dict[str, Any]:
    return {"dataset": _name(age), **age.document()}


def _name(age: Age) -> str:
    return age.contract.dataset if age.contract else "—"


def _print(found: list[Age]) -> None:
    from pipelines.cli.tables import listing

    if not found:
        console().print(word("notify.no_promise"), markup=False)
        return
    table = listing(None, ("dataset", "status", "newest", "age", "allowed"))
    for age in found:
        how_old = str(timedelta(minutes=age.age // timedelta(minutes=1))) if age.age else "—"
        late = f"[red]{word('notify.is_late')}[/red]" if age.late else word("notify.is_fresh")
        newest = age.shown or word("notify.never")
        table.add_row(_name(age), late, newest, how_old.removesuffix(":00"), age.allowed)
    console().print(table)


def notify(_context: typer.Context) -> int:
    """Send a test message to every channel of CITYLAKE_NOTIFY; exit code 3 where one did not take it."""
    from pipelines.notify.channel import channels
    from pipelines.notify.message import message
    from pipelines.notify.send import send
    from pipelines.run import DECLARATIONS, DONE, FAILED

    heard = channels()
    if not heard:
        console().print(word("notify.nobody"), markup=False)
        return DECLARATIONS
    failed = []
    for channel in heard:
        problems = send(message("test", department=channel.department), [channel])
        failed += problems
        if not problems:
            console().print(word("notify.sent", channel=channel), markup=False)
    return FAILED if failed else DONE
