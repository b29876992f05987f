"""The page of one run: a single HTML file for data stewards to read, print and forward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from citylake.quality.report import run_summary
from citylake.quality.report.jinja_environment import template_environment

PageLanguage = Literal["zh", "en", "both"]


def render_run_page(document: Mapping[str, Any], language: str = "both") -> str:
    """Return one self-contained HTML page from the document of ``citylake run --json``.

    The page contains both languages; ``language`` (``zh``, ``en`` or ``both``) is shown first.
    """
    page = template_environment("citylake.quality.report").get_template("page.html.j2")
    return page.render(**run_page_context(document), language=language)


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
