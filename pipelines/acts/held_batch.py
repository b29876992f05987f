"""Release or reject a held batch: who may do it, the act in the ledger, and then the work itself."""

from __future__ import annotations

import hashlib
from typing import Literal

from citylake.pipelines.acts.person import Person
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.complete_acts import complete_acts
from citylake.pipelines.flow.held_batches import find_held_batch
from citylake.pipelines.flow.run_pipeline import RunOutcome, run_pipeline
from citylake.pipelines.lake.ledger import acts_table
from citylake.pipelines.lake.ledger.acts_table import Act
from citylake.pipelines.lake.ledger.held_records import HeldBatch
from citylake.schemas.words.errors import CitylakeError

BatchDecision = Literal["release", "reject"]


def decide_held_batch(context: RunContext, batch: str, decision: BatchDecision, person: Person, why: str) -> RunOutcome:
    """Record the decision about a held batch, carry it out, and build the marts that read its dataset.

    A second call completes what the first one could not. ``batch``: an id, or the beginning of one. Raises
    HELD_UNKNOWN, HELD_AMBIGUOUS, HELD_DECIDED, WHY_MISSING and ACT_NOT_ALLOWED.
    """
    held = record_decision(context, batch, decision, person, why)
    return run_pipeline(context, [held.dataset], ingest=complete_acts)


def record_decision(context: RunContext, batch: str, decision: BatchDecision, person: Person, why: str) -> HeldBatch:
    """Record the decision only: the next run of the dataset carries it out."""
    held = find_held_batch(context.registry, context.ledger, batch)
    contract = context.registry.contract(held.dataset)
    require_right(context.registry, person, "release", contract.owner.department)
    reason = why.strip()
    if not reason:
        raise CitylakeError("WHY_MISSING", act=f"{decision}_batch")
    act = _act(held, decision, contract.owner.department, person, reason)
    known = context.ledger.dataset_rows(acts_table.TABLE, held.dataset, ("sequence", "dataset", "act_id"))
    if act.act_id not in known["act_id"].to_list():
        context.ledger.add_act(act)
        context.ledger.flush()
    return held


def _act(held: HeldBatch, decision: BatchDecision, department: str, person: Person, why: str) -> Act:
    identity = "\n".join((decision, held.dataset, held.batch, str(held.number), person.user, why))
    return Act(
        act_id=hashlib.sha256(identity.encode()).hexdigest()[:20],
        act="release_batch" if decision == "release" else "reject_batch",
        dataset=held.dataset,
        department=department,
        user=person.user,
        why=why,
        via=person.via,
        batch=held.batch,
        rows=held.counts["rows_in"],
    )
