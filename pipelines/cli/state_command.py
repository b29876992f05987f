"""``citylake state``: shows and sets the incremental state, from which the next pull of a dataset continues."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

app = typer.Typer(help="Show or set the incremental state of a dataset.", rich_markup_mode=None)

DatasetArgument = Annotated[str, typer.Argument(help="Id of the dataset, such as traffic.detector_flow.")]


@app.command("show")
def cli_show_state(context: typer.Context, dataset: DatasetArgument, as_json: JsonOption = False) -> int:
    """Show the incremental state of every source of a dataset."""
    shared: SharedOptions = context.obj
    work = shared.context()
    shared.contract(work.registry, dataset)
    moves = work.ledger.last_states(dataset)
    if as_json:
        print_json({"dataset": dataset, "sources": moves})
        return 0
    _print_state(dataset, moves)
    return 0


@app.command("set")
def cli_set_state(
    context: typer.Context,
    dataset: DatasetArgument,
    state: Annotated[str, typer.Argument(help="JSON object as printed by `show`; {} starts from the beginning.")],
    source: Annotated[str | None, typer.Option(help="Name of the source; required if the dataset has several.")] = None,
) -> int:
    """Set the state of a source; the next pull continues from it."""
    from citylake.pipelines.pull.connector_states import validate_connector_state

    shared: SharedOptions = context.obj
    work = shared.context(writing=True)
    contract = shared.contract(work.registry, dataset)
    value = _parse_state(state)
    names = _source_names(work, contract)
    if source is None and len(names) != 1:
        raise CitylakeError("STATE_WHICH_SOURCE", dataset=dataset, names=", ".join(names) or "—")
    if source is not None and source not in names:
        raise CitylakeError("STATE_NO_SOURCE", dataset=dataset, name=source, names=", ".join(names) or "—")
    work.ledger.set_state(
        dataset, source or names[0], validate_connector_state(dataset, contract.source.connector, value)
    )
    work.ledger.flush()
    _print_state(dataset, work.ledger.last_states(dataset))
    return 0


@app.command("retry")
def cli_retry_aborted(context: typer.Context, dataset: DatasetArgument) -> int:
    """Let the next run read files that are held with PROCESS_ABORTED again."""
    from citylake.pipelines.flow.poison_files import forget_poison
    from citylake.pipelines.lake.lake_access import check_writable

    shared: SharedOptions = context.obj
    shared.contract(shared.context(writing=True).registry, dataset)
    print_text(translate_key("run.retried", count=forget_poison(check_writable(shared.lake()), dataset)))
    return 0


def _source_names(work: Any, contract: Any) -> list[str]:
    """Return the names of the sources that a pull would fetch, and of those that have a state, sorted."""
    from citylake.pipelines.flow.pull_step import make_pull_context
    from citylake.pipelines.pull.pull_dataset import plan_fetches

    planned = replace(make_pull_context(work, contract), planning=True)
    return sorted({fetch.name for fetch in plan_fetches(contract, planned)} | set(planned.states))


def _parse_state(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CitylakeError("STATE_NOT_JSON", text=text, reason=str(error)) from error
    if not isinstance(value, dict):
        raise CitylakeError("STATE_NOT_JSON", text=text, reason=type(value).__name__)
    return value


def _print_state(dataset: str, moves: list[dict[str, Any]]) -> None:
    from citylake.pipelines.cli.result_tables import make_listing

    if not moves:
        make_console().print(translate_key("pull.no_state", dataset=dataset))
        return
    table = make_listing(None, ("source", "state", "moved", "set_by"))
    for move in moves:
        told = json.dumps(move["state"], ensure_ascii=False)
        when, set_by = str(move["recorded_at"])[:19], translate_key(f"pull.set_by_{move['set_by']}")
        table.add_row(move["name"], told, when, set_by)
    make_console().print(table)
