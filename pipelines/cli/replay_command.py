"""``citylake replay``: reads again what is in the lake, by today's contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext
    from citylake.pipelines.flow.replay_selection import ReplaySelection
    from citylake.schemas.model.contract import Contract


def cli_replay(
    context: typer.Context,
    dataset: Annotated[
        str | None, typer.Argument(help="Id of the dataset. With --quarantine alone: every dataset.")
    ] = None,
    batch: Annotated[str | None, typer.Option(help="Replay the receipts of this batch (an id in the ledger).")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Replay what was received on or after this day.")
    ] = None,
    quarantine: Annotated[
        bool,
        typer.Option(
            "--quarantine",
            help="Replay receipts whose quarantined rows have been decided about, or whose contract has changed.",
        ),
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
    why: Annotated[str, typer.Option(help="Why sealed data are read; recorded with who reads them.")] = "",
    as_json: JsonOption = False,
) -> int:
    """Read a dataset's receipts again by today's contract; the new rows replace the earlier ones in one commit.

    Without options: every receipt that was read under other declarations. The source is not asked. With --quarantine
    alone: every dataset with decisions or declarations that its receipts were read without. Exit code 0: done; 1:
    faulty declarations or wrong usage; 2: the batch was held; 3: failed.
    """
    from citylake.pipelines.blocks.memory_budget import budget_for_memory
    from citylake.pipelines.flow.replay_selection import ReplaySelection, check_batch
    from citylake.pipelines.lake.access_record import Asked

    shared: SharedOptions = context.obj
    work = replace(shared.context(writing=True), budget=budget_for_memory(memory), asked=Asked(why=why))
    chosen = ReplaySelection(batch, since.date() if since else None, quarantine)
    if dataset is None:
        if keep or damaged or batch or not quarantine:
            raise CitylakeError("REPLAY_DATASET_MISSING")
        return _replay_quarantine(work, chosen, as_json=as_json)
    contract = shared.contract(work.registry, dataset)
    if keep:
        return _keep_rows(work, contract, as_json=as_json)
    if damaged:
        from citylake.pipelines.upkeep.verify.damaged_files import find_damaged_files

        chosen = replace(chosen, damaged=find_damaged_files(work.ledger, dataset))
    check_batch(work, contract, chosen)
    left = _left_alone(work, [dataset], chosen)[1]
    return _replay_datasets(work, [dataset], (), chosen, left, as_json=as_json)


def _replay_quarantine(work: RunContext, chosen: ReplaySelection, *, as_json: bool) -> int:
    """Replay every dataset of which a receipt would be read differently today, then the marts."""
    wanted, left = _left_alone(work, sorted(work.registry.contracts), chosen)
    # An earlier replay may have ended before its marts: those of unchanged datasets are looked at, too.
    marts = sorted(work.registry.marts)
    if wanted or marts:
        return _replay_datasets(work, wanted, marts, chosen, left, as_json=as_json)
    if as_json:
        print_json({"datasets": [], "marts": [], "left_alone": left})
    else:
        print_text(translate_key("run.nothing_to_replay"))
        _print_left_alone(left)
    return 0


def _left_alone(work: RunContext, names: Sequence[str], chosen: ReplaySelection) -> tuple[list[str], dict[str, int]]:
    """The datasets with receipts to replay, and by dataset the number of receipts with open rows that stay."""
    from citylake.pipelines.flow.replay_selection import choose_readings

    if not chosen.quarantine:
        return list(names), {}
    found = {name: choose_readings(work, work.registry.contracts[name], chosen) for name in names}
    wanted = [name for name, (readings, _) in found.items() if readings.height]
    return wanted, {name: number for name, (_, number) in found.items() if number}


def _replay_datasets(
    work: RunContext,
    names: Sequence[str],
    marts: Sequence[str],
    chosen: ReplaySelection,
    left: Mapping[str, int],
    *,
    as_json: bool,
) -> int:
    from citylake.pipelines.cli.error_output import print_warning
    from citylake.pipelines.cli.progress_bar import show_progress
    from citylake.pipelines.flow.replay_dataset import replay_dataset
    from citylake.pipelines.flow.run_pipeline import run_pipeline as run_all
    from citylake.pipelines.lineage.event_emitter import watch_lineage

    with watch_lineage(print_warning) as watch, show_progress(work.registry, names, marts, quiet=as_json) as tell:
        ingest = partial(replay_dataset, chosen=chosen)
        outcome = run_all(replace(work, tell=tell, watch=watch), names, marts, ingest)
    if chosen.damaged and not outcome.exit_code:
        from citylake.pipelines.upkeep.verify.damaged_files import delete_damaged_files

        delete_damaged_files(work.lake, chosen.damaged)
    if as_json:
        print_json({**outcome.document, "left_alone": dict(left)} if chosen.quarantine else outcome.document)
    else:
        from citylake.pipelines.cli.result_tables import print_run

        print_run(outcome.document)
        if chosen.quarantine and {batch.status for batch in outcome.batches} <= {"unchanged"}:
            print_text(translate_key("run.nothing_to_replay"))
        _print_left_alone(left)
    return outcome.exit_code


def _print_left_alone(left: Mapping[str, int]) -> None:
    for name, number in left.items():
        print_text(translate_key("run.left_alone", dataset=name, count=number))


def _keep_rows(work: RunContext, contract: Contract, *, as_json: bool) -> int:
    from citylake.pipelines.flow.meaning_check import keep_meanings

    kept = keep_meanings(work, contract)
    if as_json:
        print_json({"dataset": contract.dataset, "kept": list(kept)})
    else:
        print_text(translate_key("run.meanings_kept", dataset=contract.dataset, count=len(kept)))
    return 0
