"""``citylake state``: from where the next pull of a dataset goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

import typer

from pipelines.cli.shared import Json, Shared, console, print_json
from schemas.catalogue import word
from schemas.faults import CitylakeError

app = typer.Typer(help="From where the next pull of a dataset goes on.", rich_markup_mode=None)

Dataset = Annotated[str, typer.Argument(help="The dataset, such as traffic.detector_flow.")]


@app.command("show")
def show(context: typer.Context, dataset: Dataset, as_json: Json = False) -> int:
    """The incremental state of every source of a dataset."""
    shared: Shared = context.obj
    work = shared.context()
    shared.contract(work.registry, dataset)
    moves = work.ledger.state_moves(dataset)
    if as_json:
        print_json({"dataset": dataset, "sources": moves})
        return 0
    _print(dataset, moves)
    return 0


@app.command("set")
def set_state(
    context: typer.Context,
    dataset: Dataset,
    state: Annotated[str, typer.Argument(help="A JSON object, as `show` gives it; {} begins anew.")],
    source: Annotated[str | None, typer.Option(help="Which of the dataset's sources, where it has several.")] = None,
) -> int:
    """Set a source's state: the next pull goes on from there."""
    from pipelines.pull.states import checked

    shared: Shared = context.obj
    work = shared.context(writing=True)
    contract = shared.contract(work.registry, dataset)
    value = _object(state)
    names = _names(work, contract)
    if source is None and len(names) != 1:
        raise CitylakeError("STATE_WHICH_SOURCE", dataset=dataset, names=", ".join(names) or "—")
    if source is not None and source not in names:
        raise CitylakeError("STATE_NO_SOURCE", dataset=dataset, name=source, names=", ".join(names) or "—")
    work.ledger.set_state(dataset, source or names[0], checked(dataset, contract.source.connector, value))
    work.ledger.flush()
    _print(dataset, work.ledger.state_moves(dataset))
    return 0


def _names(work: Any, contract: Any) -> list[str]:
    """The sources that a pull would ask, and those that have a state."""
    from pipelines.ingest import pulling
    from pipelines.pull.step import planned

    told = replace(pulling(work, contract), planning=True)
    return sorted({fetch.name for fetch in planned(contract, told)} | set(told.states))


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CitylakeError("STATE_NOT_JSON", text=text, reason=str(error)) from error
    if not isinstance(value, dict):
        raise CitylakeError("STATE_NOT_JSON", text=text, reason=type(value).__name__)
    return value


def _print(dataset: str, moves: list[dict[str, Any]]) -> None:
    from rich.markup import escape

    from pipelines.cli.tables import listing

    if not moves:
        console().print(word("pull.no_state", dataset=dataset), markup=False)
        return
    table = listing(None, ("source", "state", "moved", "set_by"))
    for move in moves:
        told = escape(json.dumps(move["state"], ensure_ascii=False))
        table.add_row(escape(move["name"]), told, str(move["at"])[:19], word(f"pull.set_by_{move['set_by']}"))
    console().print(table)
