"""The page of one run: a single HTML file that a data steward reads, prints and forwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from quality.report import summary
from quality.report.environment import environment

Language = Literal["zh", "en", "both"]


def render(document: Mapping[str, Any], language: str = "both") -> str:
    """One self-contained HTML document from that of ``citylake run --json``.

    It holds both languages; ``language`` (``zh``, ``en``, ``both``) is what is shown until the reader chooses.
    """
    page = environment("quality.report").get_template("page.html.j2")
    return page.render(**told(document), language=language)


def told(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates of a run's parts ask for."""
    datasets = summary.in_order(document.get("datasets") or [])
    marts = summary.in_order(document.get("marts") or [])
    return {
        "run": document.get("run") or {},
        "report": document.get("report"),
        "datasets": datasets,
        "marts": marts,
        "total": summary.total(datasets),
        "reasons": summary.reasons(datasets),
        "seconds": summary.seconds(datasets, marts),
        "statuses": {"datasets": summary.statuses(datasets), "marts": summary.statuses(marts)},
        "attention": {"datasets": summary.trouble(datasets), "marts": summary.trouble(marts)},
    }
