"""The variables of the templates for the page of one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from citylake.quality.report import run_summary


def run_page_context(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the templates for the parts of a run."""
    datasets = run_summary.order_by_status(document.get("datasets") or [])
    marts = run_summary.order_by_status(document.get("marts") or [])
    return {
        "run": document.get("run") or {},
        "report": document.get("report"),
        "datasets": datasets,
        "marts": marts,
        "total": run_summary.run_totals(datasets),
        "reasons": run_summary.fault_reasons(datasets),
        "seconds": run_summary.seconds_by_step(datasets, marts),
        "statuses": {"datasets": run_summary.count_statuses(datasets), "marts": run_summary.count_statuses(marts)},
        "attention": {"datasets": run_summary.troubled_entries(datasets), "marts": run_summary.troubled_entries(marts)},
    }
