"""The main job: every dataset, then every mart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.conductor import ingest_dataset
from citylake.pipelines.flow.faulty_part import FaultyPart
from citylake.pipelines.flow.run_document import build_run_document
from citylake.pipelines.flow.run_order import order_datasets
from citylake.pipelines.lake.conflict_retry import noted_conflicts
from citylake.pipelines.records import BatchResult, Publication
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError

EXIT_DONE, EXIT_DECLARATIONS, EXIT_HELD, EXIT_FAILED = 0, 1, 2, 3
"""Exit codes: done; a fault in declarations or usage; a batch held or a source incomplete; the run failed."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run did."""

    batches: tuple[BatchResult, ...]
    publications: tuple[Publication, ...]
    exit_code: int
    document: dict[str, Any]


def run_pipeline(
    context: RunContext,
    datasets: Collection[str] = (),
    marts: Collection[str] = (),
    ingest: Callable[[RunContext, Contract], list[BatchResult]] = ingest_dataset,
    *,
    rebuild: bool = False,
) -> RunOutcome:
    """Run the chosen datasets and marts: all of both if none is chosen. ``ingest``: what is done with each dataset.
    ``rebuild``: every table of the marts is made anew, and published, also if nothing changed.

    With datasets chosen and no mart, only marts that read them are built; with marts chosen and no dataset, nothing is
    pulled. What the registry left out because of a fault is reported as failed. Raises DATASET_UNKNOWN, MART_UNKNOWN
    and REFERENCE_CYCLE before anything runs.
    """
    context.read_declarations()
    faulty = FaultyPart.of(context.registry, datasets, marts)
    datasets, marts = faulty.without(datasets, "dataset"), faulty.without(marts, "mart")
    contracts = order_datasets(context.registry, datasets) if faulty.leaves("dataset", datasets, marts) else []
    wanted = _select_marts(context, datasets, marts) if faulty.leaves("mart", datasets, marts) else []
    if contracts and datasets:
        context.ledger.expect([contract.dataset for contract in contracts])
    batches: list[BatchResult] = faulty.record_datasets(context)
    with noted_conflicts() as conflicts:
        try:
            for contract in contracts:
                batches += ingest(context, contract)
            publications = [*faulty.record_marts(context), *_publish_marts(context, wanted, contracts, rebuild=rebuild)]
            # The digests wait for those of what this writes: one commit has all.
            context.ledger.flush_batch()
            _record_ledger_files(context, batches, publications)
        finally:
            context.ledger.flush()
    code = max(run_exit_code(batches, publications), EXIT_DECLARATIONS if faulty.declarations else EXIT_DONE)
    document = build_run_document(context, batches, publications, code, datetime.now(UTC), conflicts)
    return RunOutcome(tuple(batches), tuple(publications), code, document)


def _record_ledger_files(
    context: RunContext, batches: Sequence[BatchResult], publications: Sequence[Publication]
) -> None:
    """Record the digests of what the run wrote to the ledger. A run without news writes nothing."""
    if {each.status for each in batches} | {each.status for each in publications} <= {"unchanged"}:
        return
    from citylake.pipelines.lake.digests.record_files import record_ledger_files

    record_ledger_files(context.ledger, context.run.id)


def _publish_marts(
    context: RunContext, marts: list[str], contracts: Sequence[Contract], *, rebuild: bool
) -> list[Publication]:
    if not marts and not context.registry.entities:
        return []
    from citylake.pipelines.flow.linked_marts import publish_linked_marts

    return publish_linked_marts(context, marts, [contract.dataset for contract in contracts], rebuild=rebuild)


def _select_marts(context: RunContext, datasets: Collection[str], marts: Collection[str]) -> list[str]:
    known = context.registry.marts
    unknown = [name for name in marts if name not in known]
    if unknown:
        raise CitylakeError("MART_UNKNOWN", mart=", ".join(unknown), known=", ".join(sorted(known)) or "—")
    if marts or not datasets:
        return sorted(marts or known)
    if not known:
        return []
    from citylake.pipelines.marts.make.mart_plan import mart_input_datasets

    return sorted(name for name, mart in known.items() if mart_input_datasets(mart, context.registry) & set(datasets))


def run_exit_code(batches: Sequence[BatchResult], publications: Sequence[Publication]) -> int:
    """The run's exit code: the worst of its parts."""
    return exit_code_for({batch.status for batch in batches} | {publication.status for publication in publications})


def exit_code_for(states: Collection[str]) -> int:
    """The same, by the statuses of the parts."""
    if "failed" in states:
        return EXIT_FAILED
    return EXIT_HELD if {"held", "incomplete"} & set(states) else EXIT_DONE
