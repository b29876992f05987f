"""A trial of changed declarations: every dataset that they concern, read twice and compared."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.run_order import order_datasets
from citylake.pipelines.flow.sealed_access import ask_for_sealed
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.token_key import token_key_id
from citylake.pipelines.trial.changed_registry import ChangedDeclarations
from citylake.pipelines.trial.choose_receipts import ChosenReceipts, choose_receipts
from citylake.pipelines.trial.compare_readings import ShownColumns, compare_readings
from citylake.pipelines.trial.read_both import read_both
from citylake.pipelines.trial.touched_marts import index_marts, touched_marts
from citylake.pipelines.trial.trial_lake import TrialLake
from citylake.pipelines.trial.trial_result import DatasetTrial, ReadingDifference, TrialOutcome, TrialStatus
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import derived_columns
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """``datasets``: only these; ``since``: receipts from this day on; ``sample``: at most so many of each dataset."""

    datasets: Collection[str] = ()
    since: date | None = None
    sample: int | None = None


def run_trial(context: RunContext, change: str, changed: ChangedDeclarations, options: TrialOptions) -> TrialOutcome:
    """Try the changed declarations; ``context`` has today's. Raises DATASET_UNKNOWN.

    Nothing is written but to the scratch folder, which is empty again at the end; it takes about twice the size of the
    largest standard table that is read.
    """
    begun = time.monotonic()
    changed.registry.token_key = token_key_id(changed.registry)
    every = order_datasets(context.registry, list(options.datasets))
    concerned = [each for each in every if _print(each, context.registry) != _changed_print(each, changed.registry)]
    found = tuple(_try_dataset(context, each, changed.registry, options) for each in concerned)
    return TrialOutcome(
        change,
        found,
        len(every) - len(concerned),
        changed.indices,
        index_marts(context.registry) if changed.indices else (),
        options.since.isoformat() if options.since else None,
        time.monotonic() - begun,
    )


def _print(contract: Contract, registry: Registry) -> str:
    return contract_fingerprint(contract, registry)


def _changed_print(contract: Contract, changed: Registry) -> str | None:
    other = changed.contracts.get(contract.dataset)
    return contract_fingerprint(other, changed) if other else None


def _try_dataset(context: RunContext, contract: Contract, changed: Registry, options: TrialOptions) -> DatasetTrial:
    dataset = contract.dataset
    try:
        after = changed.contract(dataset)
    except CitylakeError as error:
        status: TrialStatus = "removed" if error.code == "DATASET_UNKNOWN" else "faulty"
        marts = touched_marts(context.registry, dataset, None)
        return DatasetTrial(dataset, status, problems_changed=(error.problem,), marts=marts)
    context.tell(dataset, "parse")
    chosen = choose_receipts(context, contract, options.since, options.sample)
    if not chosen.receipts:
        return DatasetTrial(dataset, "empty")
    try:
        ask_for_sealed(context, "trial", dataset, chosen.receipts)
    except CitylakeError as error:
        return DatasetTrial(dataset, "held", problems_changed=(error.problem,), held_changed=True)
    with scratch_folder() as scratch:
        return _compare(context, contract, after, changed, chosen, Path(scratch))


def _compare(
    context: RunContext, contract: Contract, after: Contract, changed: Registry, chosen: ChosenReceipts, scratch: Path
) -> DatasetTrial:
    dataset = contract.dataset
    context.tell(dataset, "conform")
    first, second = read_both(context, dataset, changed, chosen.receipts, scratch)
    held = first.held or second.held
    difference = ReadingDifference()
    if not held:
        columns = ShownColumns(contract.write.key, _shown(contract, context.registry) & _shown(after, changed))
        here = TrialLake(scratch / "compared", context.lake, dataset)
        difference = compare_readings(first, second, contract, columns, here, context.budget.engine)
    return DatasetTrial(
        dataset,
        "held" if held else "compared",
        len(chosen.receipts),
        chosen.total,
        chosen.share,
        first.counts,
        second.counts,
        difference,
        touched_marts(context.registry, dataset, _touched(difference, held=held)),
        first.problems,
        tuple(problem for problem in second.problems if problem not in first.problems),
        first.held,
        second.held,
    )


def _touched(difference: ReadingDifference, *, held: bool) -> list[str] | None:
    """The columns with other values; None if rows come or go."""
    if held or difference.moves_rows:
        return None
    return [*(change.column for change in difference.columns), *difference.removed]


def _shown(contract: Contract, registry: Registry) -> set[str]:
    return set(_open_columns(contract, registry))


def _open_columns(contract: Contract, registry: Registry) -> Iterator[str]:
    """The columns whose values may be shown to everyone, with what is derived from them."""
    for binding in contract.fields.values():
        element = registry.elements[binding.element]
        if element.sensitivity.shown:
            column = binding.column or element.symbol
            yield from (column, *derived_columns(column, binding, element))
