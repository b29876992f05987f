"""Records what a person decides about links: rows of the ledger, which the next linking honours. Nothing is deleted."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.entities.read_links import FoundAct, FoundLink, FoundPair, Record
from citylake.pipelines.lake.ledger import entity_decisions_table
from citylake.pipelines.lake.ledger.acts_table import Act, ActKind
from citylake.pipelines.lake.ledger.entity_decisions_table import PairDecision
from citylake.pipelines.lake.ledger.json_text import to_json_text
from citylake.pipelines.lake.ledger.ledger_store import ledger_now
from citylake.schemas.model.entity import ENTITY_SCHEMA
from citylake.schemas.words.errors import CitylakeError

_ACTS: dict[str, ActKind] = {"accept": "accept_link", "reject": "reject_link", "undo": "undo_link"}
_PAIR = ("dataset", "record_key", "other_dataset", "other_key")


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """Who decides, through which door, and why."""

    user: str
    via: Literal["cli", "api", "airflow"]
    why: str


def departments_of(context: RunContext, found: FoundPair | FoundLink | FoundAct) -> list[str]:
    """The departments whose records a decision is about."""
    datasets = {dataset for pair in _pairs(found) for dataset, _ in pair}
    known = (context.registry.contracts[name] for name in datasets if name in context.registry.contracts)
    return sorted({contract.owner.department for contract in known})


def decide_link(
    context: RunContext, found: FoundPair | FoundLink | FoundAct, decision: LinkDecision, *, accept: bool | None
) -> str:
    """Record a decision: about a pending pair if ``accept`` is not None, else the undoing of a link or a decision.

    Returns the id of the act. Raises ENTITY_LINK_ALONE, and ENTITY_NOT_PENDING if a pair was meant.
    """
    if accept is not None:
        if not isinstance(found, FoundPair):
            raise CitylakeError("ENTITY_NOT_PENDING")
        return decide_pair(context, found, decision, accept=accept)
    if isinstance(found, FoundAct):
        return withdraw_decision(context, found, decision)
    if isinstance(found, FoundPair):
        return decide_pair(context, found, decision, accept=False)
    return undo_link(context, found, decision)


def decide_pair(context: RunContext, found: FoundPair, decision: LinkDecision, *, accept: bool) -> str:
    """Record that a pending pair is the same entity, or never is; returns the id of the act."""
    what: PairDecision = "same" if accept else "different"
    return _record(context, found.entity, "accept" if accept else "reject", what, _pairs(found), decision)


def undo_link(context: RunContext, found: FoundLink, decision: LinkDecision) -> str:
    """Record that a record is not of its entity: it never joins its present members again. Returns the act's id.

    Raises ENTITY_LINK_ALONE if the record is alone.
    """
    if not found.others:
        raise CitylakeError("ENTITY_LINK_ALONE", record=":".join(found.record))
    return _record(context, found.entity, "undo", "different", _pairs(found), decision)


def withdraw_decision(context: RunContext, found: FoundAct, decision: LinkDecision) -> str:
    """Record that what an act decided holds no more; returns the id of this act."""
    return _record(context, found.entity, "undo", "withdrawn", _pairs(found), decision)


def _pairs(found: FoundPair | FoundLink | FoundAct) -> list[tuple[Record, Record]]:
    if isinstance(found, FoundPair):
        return [(found.one, found.other)]
    if isinstance(found, FoundAct):
        return list(found.pairs)
    return [(found.record, other) for other in found.others]


def _record(
    context: RunContext,
    entity: str,
    act: str,
    what: PairDecision,
    pairs: Sequence[tuple[Record, Record]],
    decision: LinkDecision,
) -> str:
    act_id = secrets.token_hex(8)
    rows = [dict(zip(_PAIR, (*first, *second), strict=True)) for first, second in map(sorted, pairs)]
    same = {
        "act_id": act_id,
        "recorded_at": ledger_now(),
        "entity": entity,
        "decision": what,
        "act": act,
        "user": decision.user,
        "via": decision.via,
        "why": decision.why,
    }
    table = entity_decisions_table
    schema = {name: kind for name, kind in table.SCHEMA.items() if name != "sequence"}
    context.ledger.append_frame(table.TABLE, pl.DataFrame([{**row, **same} for row in rows], schema))
    departments = ", ".join(departments_of(context, FoundAct(entity, tuple(pairs))))
    context.ledger.add_act(
        Act(
            act_id,
            _ACTS[act],
            f"{ENTITY_SCHEMA}.{entity}",
            departments,
            decision.user,
            decision.why,
            decision.via,
            rows=len(rows),
            details=to_json_text({"pairs": [":".join((*one, *other)) for one, other in pairs]}),
        )
    )
    context.ledger.flush()
    return act_id
