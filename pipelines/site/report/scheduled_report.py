"""The report site as a scheduler's task."""

from __future__ import annotations

from citylake.pipelines.flow.scheduler_tasks import open_task_context
from citylake.pipelines.site.report.build_report import build_report
from citylake.pipelines.site.report.report_charts import charts_installed


def report_task(run: str) -> str:
    """Build the site in the lake and return the path of its overview; without the extra ``report``, tables only."""
    context = open_task_context(run)
    return build_report(context.lake, context.registry, charts=charts_installed()).page("zh")
