"""``citylake deliver``: hands versions of marts and datasets to other departments, each exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key


def cli_deliver(
    context: typer.Context,
    name: Annotated[list[str] | None, typer.Argument(help="The deliveries (default: all).", metavar="[NAME]…")] = None,
    status: Annotated[
        bool, typer.Option("--status", help="Deliver nothing: show the last deliveries and their acknowledgements.")
    ] = False,
    why: Annotated[str, typer.Option("--why", help="The reason, for the ledger.")] = "",
    user: Annotated[str | None, typer.Option("--user", help="Who delivers (default: CITYLAKE_USER, else you).")] = None,
    as_json: JsonOption = False,
) -> int:
    """Deliver what the receivers do not have yet, and read their acknowledgements.

    Exit code 0: done; 1: faulty declarations or wrong usage; 2: an acknowledgement is late or is waited for; 3: failed.
    """
    from citylake.pipelines.exchange.deliver.delivery_documents import outcome_document, status_documents
    from citylake.pipelines.exchange.deliver.make_delivery import find_deliveries, make_deliveries
    from citylake.pipelines.lake.access_record import Asked

    shared: SharedOptions = context.obj
    work = replace(shared.context(writing=True), asked=Asked(user, "cli", why))
    chosen = find_deliveries(work, name or ())
    if status:
        found = status_documents(work, chosen)
        _print(found, as_json=as_json, line=status_line)
        return 3 if any(each["problem"] for each in found) else 2 if any(each["late"] for each in found) else 0
    made = [outcome_document(each) for each in make_deliveries(work, chosen)]
    _print(made, as_json=as_json, line=outcome_line)
    return delivery_exit_code(made)


def delivery_exit_code(made: list[dict[str, Any]]) -> int:
    """3 if one failed, 2 if one waits for an acknowledgement, else 0."""
    states = {each["status"] for each in made}
    return 3 if "failed" in states else 2 if "waiting" in states else 0


def print_deliveries(document: Mapping[str, Any]) -> None:
    """Print what became of the deliveries of a run's document."""
    for each in document.get("deliveries", ()):
        print_text(outcome_line(each))


def outcome_line(entry: Mapping[str, Any]) -> str:
    """What became of one delivery, on one line."""
    if entry["problem"]:
        values = {"why": entry["problem"]["text"][current_language()]}
        return translate_key("deliveries.failed", delivery=entry["delivery"], **values)
    record = entry["record"]
    return translate_key(f"deliveries.{entry['status']}", delivery=entry["delivery"], **_counts(record))


def status_line(entry: Mapping[str, Any]) -> str:
    """The last delivery of one declaration, and whether it is acknowledged."""
    head = translate_key("deliveries.head", delivery=entry["delivery"], department=entry["department"])
    record = entry["last"]
    if record is None:
        lines = [translate_key("deliveries.none")]
    else:
        lines = [translate_key("deliveries.last", **_counts(record), at=record["delivered_at"][:16])]
        lines.append(_acknowledged(entry, record))
    if entry["problem"]:
        lines.append(entry["problem"]["text"][current_language()])
    return "\n".join([head, *(f"  {line}" for line in lines if line)])


def _acknowledged(entry: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    if record["acknowledged_at"]:
        return translate_key("deliveries.acknowledged", at=record["acknowledged_at"][:16])
    if entry["acknowledgement_due"] is None:
        return ""
    state = "late" if entry["late"] else "due"
    return translate_key(f"deliveries.{state}", count=entry["unacknowledged"], at=entry["acknowledgement_due"][:16])


def _counts(record: Mapping[str, Any] | None) -> dict[str, Any]:
    return (
        {name: record[name] for name in ("number", "version", "rows", "inserted", "updated", "deleted")}
        if record
        else {}
    )


def _print(entries: list[dict[str, Any]], *, as_json: bool, line: Any) -> None:
    if as_json:
        print_json({"deliveries": entries})
        return
    if not entries:
        print_text(translate_key("deliveries.undeclared"))
    for each in entries:
        print_text(line(each))
