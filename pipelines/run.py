"""The main job: every dataset, then every mart, then the page that tells of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipelines.context import Context
from pipelines.document import document
from pipelines.ingest import failed, ingest
from pipelines.order import ordered
from pipelines.records import BatchResult, Publication
from schemas.contract import Contract
from schemas.faults import CitylakeError

DONE, DECLARATIONS, HELD, FAILED = 0, 1, 2, 3
"""Exit codes: done; a fault in declarations or usage; a batch held or a source incomplete; the run failed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did."""

    batches: tuple[BatchResult, ...]
    publications: tuple[Publication, ...]
    exit_code: int
    document: dict[str, Any]


def run(context: Context, datasets: Collection[str] = (), marts: Collection[str] = ()) -> Outcome:
    """Run the chosen datasets and marts: all of both where none is chosen.

    With datasets chosen and no mart, only marts that read them are built; with marts chosen and no dataset, nothing is
    pulled. Raises DATASET_UNKNOWN, MART_UNKNOWN and REFERENCE_CYCLE before anything runs.
    """
    contracts = ordered(context.registry, datasets) if datasets or not marts else []
    wanted = _marts(context, datasets, marts)
    batches: list[BatchResult] = []
    try:
        for contract in contracts:
            batches += _ingested(context, contract)
        publications = _published(context, wanted)
    finally:
        context.ledger.flush()
    code = exit_code(batches, publications)
    return Outcome(tuple(batches), tuple(publications), code, _told(context, batches, publications, code))


def _ingested(context: Context, contract: Contract) -> list[BatchResult]:
    context.watch.dataset_begins(context, contract)
    try:
        results = _kept(context, ingest(context, contract))
    except Exception as error:
        results = failed(context, contract.dataset, error)
    context.watch.dataset_ends(context, contract, results)
    return results


def _published(context: Context, marts: list[str]) -> list[Publication]:
    if not marts:
        return []
    from pipelines.build.step import build_and_publish

    return build_and_publish(context, marts)


def _kept(context: Context, results: list[BatchResult]) -> list[BatchResult]:
    """Store the ledger as soon as a table has changed: a crash later in the run then leaves nothing untold."""
    if any(result.status == "committed" for result in results):
        context.ledger.flush()
    return results


def _marts(context: Context, datasets: Collection[str], marts: Collection[str]) -> list[str]:
    known = context.registry.marts
    unknown = [name for name in marts if name not in known]
    if unknown:
        raise CitylakeError("MART_UNKNOWN", mart=", ".join(unknown), known=", ".join(sorted(known)) or "—")
    if marts or not datasets:
        return sorted(marts or known)
    if not known:
        return []
    from pipelines.build.plan import inputs

    return sorted(name for name, mart in known.items() if inputs(mart, context.registry) & set(datasets))


def exit_code(batches: Sequence[BatchResult], publications: Sequence[Publication]) -> int:
    """The run's exit code: the worst of its parts."""
    return exit_code_of({batch.status for batch in batches} | {publication.status for publication in publications})


def exit_code_of(states: Collection[str]) -> int:
    """The same, by the statuses of the parts."""
    if "failed" in states:
        return FAILED
    return HELD if {"held", "incomplete"} & set(states) else DONE


def _told(
    context: Context, batches: Sequence[BatchResult], publications: Sequence[Publication], code: int
) -> dict[str, Any]:
    from quality.report.page import render

    told = document(context, batches, publications, code, datetime.now(UTC))
    path = context.lake.report(context.run.id)
    told["report"] = path
    context.lake.makedirs(path.rpartition("/")[0])
    with context.lake.fs.open(path, "wb") as page:
        page.write(render(told).encode())
    return told
