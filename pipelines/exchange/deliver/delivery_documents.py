"""Deliveries as JSON documents: what a command did, and what is known of every declared delivery."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from citylake.pipelines.context import RunContext
from citylake.pipelines.exchange.deliver.delivery_record import DeliveryRecord, acknowledgement_due, known_deliveries
from citylake.pipelines.exchange.deliver.delivery_target import open_target
from citylake.pipelines.exchange.deliver.make_delivery import DeliveryOutcome, recover_deliveries
from citylake.schemas.model.delivery import Delivery
from citylake.schemas.words.errors import CitylakeError, Problem
from citylake.schemas.words.message_catalogue import render_issue


def outcome_document(outcome: DeliveryOutcome) -> dict[str, Any]:
    """What became of one delivery."""
    return {
        "delivery": outcome.delivery,
        "status": outcome.status,
        "record": _record_json(outcome.record),
        "problem": _problem_json(outcome.problem),
    }


def status_documents(context: RunContext, deliveries: Iterable[Delivery]) -> list[dict[str, Any]]:
    """The last delivery of each, after its target was asked for acknowledgements; ``late``: one is overdue."""
    return [_status(context, delivery) for delivery in deliveries]


def _status(context: RunContext, delivery: Delivery) -> dict[str, Any]:
    problem = None
    try:
        with open_target(context, delivery) as target:
            recover_deliveries(context, delivery, target)
    except CitylakeError as error:
        problem = error.problem
    made = [each for each in known_deliveries(context.ledger, delivery.delivery).values() if each.delivered_at]
    due = [at for each in made if (at := acknowledgement_due(delivery, each))]
    return {
        "delivery": delivery.delivery,
        "title": delivery.title.model_dump(),
        "department": delivery.department,
        "target": delivery.destination,
        "deliveries": len(made),
        "last": _record_json(made[-1] if made else None),
        "unacknowledged": len(due),
        "acknowledgement_due": min(due).isoformat() if due else None,
        "late": any(at < datetime.now(UTC) for at in due),
        "problem": _problem_json(problem),
    }


def _record_json(record: DeliveryRecord | None) -> dict[str, Any] | None:
    if record is None:
        return None
    told = asdict(record)
    times = {name: told[name].isoformat() if told[name] else None for name in ("delivered_at", "acknowledged_at")}
    return {**told, **times}


def _problem_json(problem: Problem | None) -> dict[str, Any] | None:
    if problem is None:
        return None
    text = {language: render_issue(problem.code, problem.values, language) for language in ("zh", "en")}
    return {"code": problem.code, "text": text}
