"""``citylake pull``: fetches one dataset's source into landing, without parsing it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from citylake.pipelines.pull.connector_api import Fetch, PullContext
    from citylake.schemas.model.contract import Contract

_DAY = ["%Y-%m-%d"]
_INCOMPLETE = 2


def cli_pull(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(help="Id of the dataset, such as traffic.detector_flow.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the planned requests and send none.")] = False,
    day_from: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day to pull (inclusive).")
    ] = None,
    day_to: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day to pull (inclusive).")] = None,
    as_json: JsonOption = False,
) -> int:
    """Fetch one dataset's source into landing.

    Stores the bytes and a receipt per fetch; nothing is parsed. Exit code 2 if a fetch failed or was incomplete; with
    `--dry-run`, if a planned fetch has a fault or the connection is not set.
    """
    from citylake.pipelines.flow.pull_step import make_pull_context, pull_step
    from citylake.pipelines.flow.run_document import receipt_json
    from citylake.pipelines.lake.retry_attempts import quiet_retries
    from citylake.pipelines.pull.pull_dataset import plan_fetches

    quiet_retries()
    shared: SharedOptions = context.obj
    work = shared.context(day_from, day_to, writing=not dry_run)
    contract = shared.contract(work.registry, dataset)
    if dry_run:
        told = replace(make_pull_context(work, contract), planning=True)
        return _show_plan(
            contract, [_fetch_document(fetch, told) for fetch in plan_fetches(contract, told)], as_json=as_json
        )
    receipts = pull_step(work, contract)
    work.ledger.flush()
    return _show_receipts(contract, [receipt_json(receipt) for receipt in receipts], as_json=as_json)


def _fetch_document(fetch: Fetch, pulling: PullContext) -> dict[str, Any]:
    from citylake.pipelines.flow.run_document import problem_json

    state = pulling.state(fetch.name)
    return {
        "name": fetch.name,
        "source": fetch.source,
        "asks": list(fetch.asks),
        "proof": fetch.proof,
        "state": state,
        "continues": fetch.name in pulling.unfinished,
        "problem": problem_json(fetch.fault.problem) if fetch.fault else None,
    }


def _show_plan(contract: Contract, fetches: list[dict[str, Any]], *, as_json: bool) -> int:
    connection = _connection(contract)
    faulty = any(fetch["problem"] for fetch in fetches) or (connection is not None and not connection["set"])
    if as_json:
        print_json({"dataset": contract.dataset, "connection": connection, "fetches": fetches})
    else:
        _print_plan(contract, fetches, connection)
    return _INCOMPLETE if faulty else 0


def _print_plan(contract: Contract, fetches: list[dict[str, Any]], connection: dict[str, Any] | None) -> None:
    from rich.text import Text

    from citylake.pipelines.cli.terminal_text import escape_controls

    out = make_console()
    for fetch in fetches:
        out.print(Text(escape_controls(fetch["name"] or contract.dataset), "bold"), end="  ", soft_wrap=True)
        out.print(fetch["source"], soft_wrap=True)
        _print_fetch(fetch)
    if connection:
        key = "pull.connection" if connection["set"] else "pull.connection_unset"
        out.print(translate_key(key, name=connection["id"], variable=connection["variable"]))
    out.print(translate_key("pull.asked_nothing", count=len(fetches)))


def _print_fetch(fetch: dict[str, Any]) -> None:
    if fetch["problem"]:
        lines = [fetch["problem"]["text"][current_language()]]
    else:
        lines = [
            *fetch["asks"],
            translate_key("pull.proof", proof=translate_key(f"pull.proof_{fetch['proof'] or 'open'}")),
        ]
    if fetch["state"]:
        lines.append(translate_key("pull.state", state=json.dumps(fetch["state"], ensure_ascii=False)))
    if fetch["continues"]:
        lines.append(translate_key("pull.continues"))
    for line in lines:
        make_console().print(f"  {line}", soft_wrap=True)


def _connection(contract: Contract) -> dict[str, Any] | None:
    from citylake.pipelines.pull.credentials import connection_variable, has_connection

    named: str | None = getattr(contract.source, "connection", None)
    return {"id": named, "variable": connection_variable(named), "set": has_connection(named)} if named else None


def _show_receipts(contract: Contract, receipts: list[dict[str, Any]], *, as_json: bool) -> int:
    if as_json:
        print_json({"dataset": contract.dataset, "receipts": receipts})
    else:
        _print_receipts(receipts)
    bad = any(receipt["status"] in ("failed", "incomplete") for receipt in receipts)
    return _INCOMPLETE if bad else 0


def _print_receipts(receipts: list[dict[str, Any]]) -> None:
    from citylake.pipelines.cli.result_tables import colour_status, make_listing

    out = make_console()
    table = make_listing(None, ("source", "status", "proof"), ("bytes", "declared", "stored"))
    for receipt in receipts:
        counts = (_format_count(receipt[name]) for name in ("size_bytes", "declared_count", "stored_count"))
        proof = translate_key(f"pull.proof_{receipt['proof']}") if receipt["proof"] else "—"
        table.add_row(receipt["name"] or receipt["source"], colour_status(receipt["status"]), proof, *counts)
    out.print(table)
    for receipt in receipts:
        if receipt["problem"]:
            out.print(receipt["problem"]["text"][current_language()])


def _format_count(count: int | None) -> str:
    return "—" if count is None else f"{count:,}"
