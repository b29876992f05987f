"""The page of held batches: why each one waits, and what a person can decide."""

from __future__ import annotations

from typing import Any

from citylake.pipelines.flow.held_batches import held_batches
from citylake.pipelines.flow.held_documents import held_document
from citylake.pipelines.site.page_request import PageRequest


def held_page_document(request: PageRequest) -> dict[str, Any]:
    """Return ``datasets``: one entry for each batch that waits, oldest first, with its problems, checks and files."""
    ledger = request.ledger
    found = sorted(held_batches(request.registry, ledger), key=lambda each: each.since)
    batches = [{**held_document(request.registry, ledger, each), **_head(request, each.dataset)} for each in found]
    return {"lake": request.lake.url, "at": request.now.isoformat(), "datasets": batches}


def _head(request: PageRequest, dataset: str) -> dict[str, Any]:
    head = request.head(dataset)
    return {name: head[name] for name in ("title", "department")}
