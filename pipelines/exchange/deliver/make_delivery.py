"""Makes deliveries: each version goes to each receiver once, whatever crashes in between.

The target decides whether a delivery was made: its own record is written together with the rows. The ledger follows it,
so that a run after a crash finds the delivery at the target, and only records it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from citylake.pipelines.context import RunContext
from citylake.pipelines.exchange.deliver.delivered_rows import forget_digests, keep_digests, select_rows
from citylake.pipelines.exchange.deliver.delivered_version import DeliveredVersion, open_delivered_version
from citylake.pipelines.exchange.deliver.delivery_record import (
    DeliveryRecord,
    delivery_id,
    known_deliveries,
    new_record,
    record_delivery,
)
from citylake.pipelines.exchange.deliver.delivery_target import DeliveryTarget, open_target
from citylake.pipelines.lake.access_record import SUCCESS, Access, process_user, record_access
from citylake.schemas.model.delivery import Delivery, FolderTarget
from citylake.schemas.words.contained_faults import describe_fault, is_contained
from citylake.schemas.words.errors import CitylakeError, Problem

log = logging.getLogger(__name__)
DeliveryStatus = Literal["delivered", "recovered", "unchanged", "waiting", "failed"]


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """What became of one delivery.

    ``recovered``: it was at the target already, and only the ledger lacked it. ``waiting``: changes go when the
    receiver has acknowledged those before them.
    """

    delivery: str
    status: DeliveryStatus
    record: DeliveryRecord | None = None
    problem: Problem | None = None


def find_deliveries(context: RunContext, names: Iterable[str] = ()) -> list[Delivery]:
    """The declared deliveries, or those of ``names``. Raises DELIVERY_UNKNOWN or DECLARATION_FAULTY."""
    known, found = context.registry.deliveries, []
    for name in names or sorted(known):
        faulty = (each for each in context.registry.faulty if (each.kind, each.id) == ("delivery", name))
        for each in faulty:
            raise CitylakeError(each.problem.code, **each.problem.values)
        if name not in known:
            raise CitylakeError("DELIVERY_UNKNOWN", delivery=name, known=", ".join(sorted(known)) or "—")
        found.append(known[name])
    return found


def make_deliveries(context: RunContext, deliveries: Iterable[Delivery]) -> list[DeliveryOutcome]:
    """Make each delivery whose version the receiver does not have. One that fails does not stop the others."""
    return [_guarded(context, delivery) for delivery in deliveries]


def _guarded(context: RunContext, delivery: Delivery) -> DeliveryOutcome:
    try:
        return _make(context, delivery)
    except CitylakeError as error:
        problem = error.problem
    except BaseException as error:
        if not is_contained(error):
            raise
        log.exception("%s failed", delivery.delivery)
        problem = Problem("STEP_FAILED", {"what": delivery.delivery, "why": describe_fault(error)})
    _record_access(context, delivery, None, problem.code)
    return DeliveryOutcome(delivery.delivery, "failed", problem=problem)


def _make(context: RunContext, delivery: Delivery) -> DeliveryOutcome:
    with open_target(context, delivery) as target:
        recovered = recover_deliveries(context, delivery, target)
        with open_delivered_version(context, delivery) as opened:
            wanted = delivery_id(delivery, opened.version)
            if wanted in recovered:
                return DeliveryOutcome(delivery.delivery, "recovered", recovered[wanted])
            made = _made(context, delivery, target)
            if wanted in made:
                return DeliveryOutcome(delivery.delivery, "unchanged", made[wanted])
            return _deliver(context, delivery, target, opened, list(made.values()))


def recover_deliveries(context: RunContext, delivery: Delivery, target: DeliveryTarget) -> dict[str, DeliveryRecord]:
    """Record the deliveries at the target that the ledger does not know as made, and new acknowledgements.

    Returns the deliveries that were recovered, by id.
    """
    known = known_deliveries(context.ledger, delivery.delivery)
    there = {name: each for name, each in target.deliveries().items() if not _is_made(known.get(name))}
    # A receiver that has emptied the folder leaves its acknowledgement.
    told = target.acknowledged([name for name, each in known.items() if each.acknowledged_at is None])
    there |= {name: replace(known[name], delivered_at=at) for name, at in told.items() if not _is_made(known[name])}
    for each in there.values():
        _record(context, delivery, each)
    for name, at in told.items():
        record_delivery(
            context.ledger, delivery, replace(there.get(name, known[name]), acknowledged_at=at), context.run.id
        )
    return there


def _is_made(record: DeliveryRecord | None) -> bool:
    return record is not None and record.delivered_at is not None


def _made(context: RunContext, delivery: Delivery, target: DeliveryTarget) -> dict[str, DeliveryRecord]:
    """What the receiver has. A receiver may empty its folder; a database that lost a delivery gets it again."""
    if isinstance(delivery.target, FolderTarget):
        known = known_deliveries(context.ledger, delivery.delivery)
        return {name: each for name, each in known.items() if _is_made(each)}
    return dict(target.deliveries())


def _deliver(
    context: RunContext,
    delivery: Delivery,
    target: DeliveryTarget,
    opened: DeliveredVersion,
    made: list[DeliveryRecord],
) -> DeliveryOutcome:
    last = made[-1] if made else None
    if last and delivery.mode == "changes" and _is_outstanding(delivery, last):
        return DeliveryOutcome(delivery.delivery, "waiting", last)
    since = last.delivery_id if last and delivery.mode == "changes" else None
    tables = select_rows(opened, context.lake, delivery.delivery, since)
    sha256 = target.prepare(opened, tables)
    record = new_record(delivery, opened.version, last.number + 1 if last else 1, since, tables, sha256)
    if last and (record.rows == 0 if record.since else (record.mode, sha256) == (last.mode, last.sha256)):
        return DeliveryOutcome(delivery.delivery, "unchanged", last)
    if delivery.mode == "changes":
        keep_digests(opened, context.lake, delivery.delivery, record.delivery_id)
    # A delivery that has begun is on record: its receiver may take it and empty the folder before it is recorded.
    record_delivery(context.ledger, delivery, record, context.run.id)
    record = replace(record, delivered_at=target.deliver(opened, tables, record))
    _record(context, delivery, record)
    forget_digests(context.lake, delivery.delivery, [*(each.delivery_id for each in made), record.delivery_id])
    return DeliveryOutcome(delivery.delivery, "delivered", record)


def _is_outstanding(delivery: Delivery, last: DeliveryRecord) -> bool:
    """Whether changes must wait: a folder's receiver may not have applied those before them."""
    expected = delivery.acknowledge_within is not None and isinstance(delivery.target, FolderTarget)
    return expected and last.acknowledged_at is None


def _record(context: RunContext, delivery: Delivery, record: DeliveryRecord) -> None:
    # Who received what is on record before the delivery counts as made: a crash between them repeats both.
    _record_access(context, delivery, record, SUCCESS)
    record_delivery(context.ledger, delivery, record, context.run.id)


def _record_access(context: RunContext, delivery: Delivery, record: DeliveryRecord | None, outcome: str) -> None:
    kind, subject = delivery.subject
    request = f"{record.delivery_id if record else delivery.delivery} → {delivery.department} ({delivery.destination})"
    access = Access(
        "delivery",
        kind,
        subject,
        request,
        process_user(context.asked.user),
        via=context.asked.via,
        why=context.asked.why,
        run=context.run.id,
        rows=record.rows if record else None,
        outcome=outcome,
    )
    record_access(context.ledger, access)
