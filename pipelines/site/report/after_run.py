"""The report site after a run: built beside the lake, and never a reason for the run to fail."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from citylake.pipelines.context import RunContext
from citylake.pipelines.silo.silo_map import measure_silo
from citylake.pipelines.silo.silo_record import record_figures
from citylake.pipelines.site.report.build_report import build_report
from citylake.pipelines.site.report.report_charts import charts_installed

log = logging.getLogger(__name__)


def report_run(context: RunContext, document: Mapping[str, Any], language: str) -> str | None:
    """Build the site, and return the path of the run's page; None if it cannot be written or nothing is new.

    Without the extra ``report`` the site has tables only, and says how to install the charts.
    """
    if not _has_news(document):
        return None
    try:
        silo = measure_silo(context.registry, context.lake, context.ledger)
        # Before the site, whose trend ends with these figures.
        record_figures(context.ledger, silo, context.run.id)
        built = build_report(context.lake, context.registry, charts=charts_installed(), silo=silo)
    except Exception:
        # The data are committed and the ledger has every result: the site is the least of it.
        log.exception("the report site could not be written after run %s", context.run.id)
        return None
    return built.page(language, *(("runs", context.run.id) if context.run.id in built.runs else ("",)))


def _has_news(document: Mapping[str, Any]) -> bool:
    return any(each["status"] != "unchanged" for each in (*document["datasets"], *document["marts"]))
