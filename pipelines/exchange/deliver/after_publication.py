"""Deliveries that follow a publication: after ``citylake run``, and as tasks of a scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from citylake.pipelines.context import RunContext
from citylake.pipelines.exchange.deliver.delivery_documents import outcome_document, status_documents
from citylake.pipelines.exchange.deliver.make_delivery import find_deliveries, make_deliveries
from citylake.pipelines.flow.scheduler_tasks import open_task_context
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue


def deliver_after_run(context: RunContext, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Make the deliveries of the marts and datasets of a run (its document) that follow a publication.

    What was not published yet is not delivered, and no fault of the run.
    """
    ran = {("mart", each["mart"]) for each in document["marts"] if each["status"] in ("published", "unchanged")}
    ran |= {("dataset", each["dataset"]) for each in document["datasets"]}
    known = context.registry.deliveries.values()
    chosen = [each for each in known if each.after == "publication" and each.subject in ran]
    made = [outcome_document(each) for each in make_deliveries(context, chosen)]
    return [each for each in made if not each["problem"] or each["problem"]["code"] not in _NOTHING_YET]


_NOTHING_YET = ("MART_NOT_PUBLISHED", "DELIVERY_WITHOUT_DATA")


def deliver_task(delivery: str, run: str) -> dict[str, Any]:
    """Make one delivery as a scheduler's task. Raises DELIVERY_FAILED, so that the task is tried again."""
    context = open_task_context(run)
    (made,) = make_deliveries(context, find_deliveries(context, [delivery]))
    document = outcome_document(made)
    if document["problem"]:
        raise CitylakeError("DELIVERY_FAILED", delivery=delivery, why=document["problem"]["text"])
    return document


def acknowledgements_task(run: str) -> dict[str, Any]:
    """Read the acknowledgements of all deliveries.

    Returns the deliveries whose last one is ``acknowledged``, and in both languages why the task ``stopped``: late
    acknowledgements, and targets that could not be asked.
    """
    context = open_task_context(run)
    found = status_documents(context, find_deliveries(context))
    faults = [each["problem"]["text"] for each in found if each["problem"]]
    late = [{"delivery": each["delivery"], "at": each["acknowledgement_due"][:16]} for each in found if each["late"]]
    faults += [{lang: render_issue("DELIVERY_ACK_LATE", one, lang) for lang in ("zh", "en")} for one in late]
    stopped = {lang: " ".join(fault[lang] for fault in faults) for lang in ("zh", "en")} if faults else None
    done = [each["delivery"] for each in found if each["last"] and each["last"]["acknowledged_at"]]
    return {"acknowledged": done, "stopped": stopped}
