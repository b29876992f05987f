"""Makes a mart again as it was published at an earlier time, in a scratch lake, and writes it to a file of its own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.linked_lake import LinkedLake
from citylake.pipelines.history.rebuild.build_again import MadeMart
from citylake.pipelines.history.rebuild.compare_published import compare_published
from citylake.pipelines.history.rebuild.file_again import FileWriter
from citylake.pipelines.history.rebuild.kept_receipts import KeptReceipts
from citylake.pipelines.history.rebuild.past_batch import PastBatch
from citylake.pipelines.history.rebuild.past_plan import PastPlan, plan_rebuild
from citylake.pipelines.history.rebuild.past_publication import PastBuild, publication_at
from citylake.pipelines.history.rebuild.past_records import PastRecords
from citylake.pipelines.history.rebuild.past_registries import PastRegistries
from citylake.pipelines.history.rebuild.rebuild_result import DatasetReread, RebuildOutcome
from citylake.pipelines.history.rebuild.redo_plan import PlanWork, RereadCallback
from citylake.pipelines.lake.forgotten_tokens import forgotten_digests
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.schemas.read.column_protection import has_tokens
from citylake.schemas.words.errors import CitylakeError, Problem


def _ignore(_done: DatasetReread) -> None:
    """The default callback."""


def rebuild_mart(
    context: RunContext, mart: str, at: datetime, output: Path, tell: RereadCallback = _ignore
) -> RebuildOutcome:
    """Write the mart as it was published at ``at`` to ``output``, and compare it with what was published then.

    ``tell`` is called with each dataset that has been read to its end. Only the scratch folder and ``output`` are
    written, and a row of ``accesses`` if sealed bytes are read. Raises MART_UNKNOWN, REBUILD_NOT_PUBLISHED,
    REBUILD_TOO_OLD, REBUILD_DECLARATIONS_UNKNOWN, REBUILD_BATCH_UNREADABLE, REBUILD_ORDER_UNCLEAR,
    REBUILD_OUTPUT_TAKEN, REBUILD_OUTPUT_IN_LAKE, OUTPUT_UNWRITABLE, REVISION_UNKNOWN and KEY_UNSET.
    """
    begun = time.monotonic()
    check_output(context, output)
    records = PastRecords(context.ledger)
    builds = _known_builds(context, records, mart)
    target = publication_at(context.ledger, builds, mart, at)
    with scratch_folder() as scratch:
        lake = LinkedLake(Path(scratch) / "lake", context.lake)
        registries = PastRegistries(context, Path(scratch) / "declarations")
        plan, left = _readable_plan(records, KeptReceipts(context, registries), target, at, lake)
        work = PlanWork(context, registries, lake, plan.without(left), tell)
        made = work.run()
        file = Path(lake.mart(mart)) / "rebuilt.duckdb"
        file.parent.mkdir(parents=True, exist_ok=True)
        changed = {name: batches[-1].at for name, batches in plan.batches.items() if batches}
        FileWriter(context, lake, made, target, changed).write(file, at)
        compared, tables = compare_published(file, made.mart, target, context.lake, context.budget.engine)
        _move(file, output)
    for batch in left:
        work.read[batch.dataset].skipped += 1
    read = tuple(work.read[name] for name in sorted(work.read))
    notes = _notes(context, made, plan, [each for each in left if each.dataset in plan.described])
    version, problems = target.version or "", (*work.problems, *notes)
    seconds = time.monotonic() - begun
    return RebuildOutcome(
        mart, at, version, target.at, str(output), target.revision, read, compared, tables, problems, seconds
    )


def _readable_plan(
    records: PastRecords, kept: KeptReceipts, target: PastBuild, at: datetime, lake: LinkedLake
) -> tuple[PastPlan, list[PastBatch]]:
    """The plan for a version, and the batches that can be left out of it. Raises REBUILD_TOO_OLD."""
    plan = plan_rebuild(records, kept.registries, target, lake)
    left, lost = kept.skipped(plan)
    if lost:
        raise _too_old(target.mart, at, lost[0], _first_possible(records, kept, target, lake))
    return plan, left


def check_output(context: RunContext, output: Path) -> None:
    """Raise REBUILD_OUTPUT_TAKEN if the file exists, and REBUILD_OUTPUT_IN_LAKE if it would be part of the lake."""
    if output.exists():
        raise CitylakeError("REBUILD_OUTPUT_TAKEN", file=str(output))
    lake = context.lake
    if lake.local and output.resolve().is_relative_to(Path(lake.url).resolve()):
        raise CitylakeError("REBUILD_OUTPUT_IN_LAKE", file=str(output))
    if not os.access(output.resolve().parent, os.W_OK):
        raise CitylakeError("OUTPUT_UNWRITABLE", file=str(output), why=str(output.resolve().parent))


def _known_builds(context: RunContext, records: PastRecords, mart: str) -> list[PastBuild]:
    builds = records.builds(mart)
    if not builds and mart not in context.registry.marts:
        known = ", ".join(sorted(context.registry.marts)) or "—"
        raise CitylakeError("MART_UNKNOWN", mart=mart, known=known)
    return builds


def _first_possible(records: PastRecords, kept: KeptReceipts, target: PastBuild, lake: LinkedLake) -> PastBuild | None:
    """The first of the later versions that can be made again."""
    for build in records.builds(target.mart):
        if build.status != "published" or build.number <= target.number:
            continue
        try:
            plan = plan_rebuild(records, kept.registries, build, lake)
        except CitylakeError:
            continue
        if not kept.skipped(plan)[1]:
            return build
    return None


def _too_old(mart: str, at: datetime, lost: PastBatch, possible: PastBuild | None) -> CitylakeError:
    oldest = possible.at.astimezone(at.tzinfo).isoformat() if possible else "—"
    values = {"mart": mart, "at": at.isoformat(), "dataset": lost.dataset, "batch": lost.batch}
    return CitylakeError("REBUILD_TOO_OLD", **values, oldest=oldest)


def _move(file: Path, output: Path) -> None:
    try:
        shutil.move(file, output)
    except OSError as error:
        raise CitylakeError("OUTPUT_UNWRITABLE", file=str(output), why=error.strerror or str(error)) from error


def _notes(context: RunContext, made: MadeMart, plan: PastPlan, unnamed: Sequence[PastBatch]) -> list[Problem]:
    notes, target = list[Problem](), plan.target
    if unnamed:
        names = sorted({each.dataset for each in unnamed})
        notes.append(Problem("REBUILD_WITHOUT_NAMES", {"mart": target.mart, "datasets": ", ".join(names)}))
    if made.built.fingerprint != target.tables_hash:
        notes.append(Problem("REBUILD_BUILT_OTHERWISE", {"mart": target.mart}))
    registry = made.registry
    named = [name for name in plan.batches if name in registry.contracts]
    personal = sorted(name for name in named if has_tokens(registry.contracts[name], registry))
    if personal and (count := len(forgotten_digests(context.ledger))):
        notes.append(Problem("REBUILD_WITHOUT_FORGOTTEN", {"count": count, "datasets": ", ".join(personal)}))
    return notes
