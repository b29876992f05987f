"""``citylake replay``: reads again what is in the lake, by today's contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext
    from citylake.schemas.model.contract import Contract


def cli_replay(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(help="Id of the dataset.")],
    batch: Annotated[str | None, typer.Option(help="Replay the receipts of this batch (an id in the ledger).")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Replay what was received on or after this day.")
    ] = None,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Replay the receipts that have rows in quarantine.")
    ] = False,
    damaged: Annotated[
        bool,
        typer.Option("--damaged", help="Replay the receipts with rows in damaged files, which leave the tables."),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Read nothing again: record that the stored rows are right as they are."),
    ] = False,
    memory: Annotated[
        str | None,
        typer.Option(help="Memory limit for data structures that grow with the data, such as 800MB (default: 1GB)."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Read a dataset's receipts again by today's contract; the new rows replace the earlier ones in one commit.

    Without options: every receipt that was read under other declarations. The source is not asked. Exit code 0: done;
    1: faulty declarations or wrong usage; 2: the batch was held; 3: failed.
    """
    from citylake.pipelines.blocks.memory_budget import budget_for_memory
    from citylake.pipelines.cli.error_output import print_warning
    from citylake.pipelines.cli.progress_bar import show_progress
    from citylake.pipelines.flow.replay_dataset import replay_dataset
    from citylake.pipelines.flow.replay_selection import ReplaySelection, check_batch
    from citylake.pipelines.flow.run_pipeline import run_pipeline as run_all
    from citylake.pipelines.lineage.event_emitter import watch_lineage

    shared: SharedOptions = context.obj
    work = replace(shared.context(writing=True), budget=budget_for_memory(memory))
    contract = shared.contract(work.registry, dataset)
    if keep:
        return _keep_rows(work, contract, as_json=as_json)
    chosen = ReplaySelection(batch, since.date() if since else None, quarantine)
    if damaged:
        from citylake.pipelines.upkeep.verify.damaged_files import find_damaged_files

        chosen = replace(chosen, damaged=find_damaged_files(work.ledger, dataset))
    check_batch(work, contract, chosen)
    with watch_lineage(print_warning) as watch, show_progress(work.registry, [dataset], (), quiet=as_json) as tell:
        ingest = partial(replay_dataset, chosen=chosen)
        outcome = run_all(replace(work, tell=tell, watch=watch), [dataset], ingest=ingest)
    if chosen.damaged and not outcome.exit_code:
        from citylake.pipelines.upkeep.verify.damaged_files import delete_damaged_files

        delete_damaged_files(work.lake, chosen.damaged)
    if as_json:
        print_json(outcome.document)
    else:
        from citylake.pipelines.cli.result_tables import print_run

        print_run(outcome.document)
    return outcome.exit_code


def _keep_rows(work: RunContext, contract: Contract, *, as_json: bool) -> int:
    from citylake.pipelines.flow.meaning_check import keep_meanings

    kept = keep_meanings(work, contract)
    if as_json:
        print_json({"dataset": contract.dataset, "kept": list(kept)})
    else:
        print_text(translate_key("run.meanings_kept", dataset=contract.dataset, count=len(kept)))
    return 0
