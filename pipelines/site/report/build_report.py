"""Builds the report site: documents once, each page in every language, and the documents as JSON beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from citylake.pipelines.lake.duckdb_connection import open_lake_duckdb
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.silo.silo_map import SiloMap
from citylake.pipelines.site.dataset_page import dataset_document
from citylake.pipelines.site.marts_page import marts_document
from citylake.pipelines.site.page_renderer import PageName, render_page
from citylake.pipelines.site.report import report_charts
from citylake.pipelines.site.report.dataset_report import dataset_report
from citylake.pipelines.site.report.department_report import department_report
from citylake.pipelines.site.report.element_report import element_report, used_elements
from citylake.pipelines.site.report.mart_report import mart_report
from citylake.pipelines.site.report.next_commands import NextCommands
from citylake.pipelines.site.report.overview_report import overview_report
from citylake.pipelines.site.report.page_shapes import template_helpers
from citylake.pipelines.site.report.report_input import ReportInput
from citylake.pipelines.site.report.report_ledger import open_report_ledger
from citylake.pipelines.site.report.run_reports import known_runs, run_list, run_pages
from citylake.pipelines.site.report.silo_report import silo_report
from citylake.pipelines.site.report.site_output import SiteOutput
from citylake.pipelines.site.report.static_style import StaticStyle, page_file
from citylake.schemas.read.registry import Registry

LANGUAGES: Final = ("zh", "en")
_MEMORY: Final = "300MB"
SitePage = tuple[PageName, tuple[str, ...], dict[str, Any]]
"""Template, parts of the path, document."""


@dataclass(frozen=True, slots=True)
class BuiltReport:
    """``folder`` of the site, ``pages`` in one language, whether there are ``charts``, and ``runs`` with a page."""

    folder: str
    pages: int
    charts: bool
    runs: frozenset[str]

    def page(self, language: str, *parts: str) -> str:
        """Return the path of a page."""
        return f"{self.folder}/{language}/{page_file(*parts)}"


def build_report(
    lake: Lake, registry: Registry, folder: str | None = None, *, charts: bool = True, silo: SiloMap | None = None
) -> BuiltReport:
    """Build the site in ``folder``, by default ``reports`` in the lake. ``charts=False``: tables only.

    ``silo``: the silo map, if it was measured already.

    Pages of runs are written once and stay; all others are written anew. Raises REPORT_EXTRA_MISSING if there are to
    be charts and the extra ``report`` is not installed.
    """
    if charts:
        report_charts.require_charts()
    out = SiteOutput(folder or lake.reports)
    script = _write_assets(out, charts=charts)
    pages = 0
    with open_report_ledger(lake) as ledger, open_lake_duckdb(lake, _MEMORY) as engine:
        given = ReportInput(registry, lake, ledger, datetime.now(UTC), engine, silo)
        runs = known_runs(given, out.names("data/runs"))
        for page, parts, document in _all_pages(given, runs):
            _write_page(out, given, page, parts, document, runs=runs.all, script=script)
            pages += 1
    return BuiltReport(out.place.url, pages, charts, runs.all)


def _write_assets(out: SiteOutput, *, charts: bool) -> str | None:
    out.write_asset("report.js")
    out.write_text("index.html", _choice_page())
    if not charts:
        return None
    out.write_asset("charts.js")
    script = report_charts.script_name()
    # Once for a site and a version.
    if not out.has(f"static/{script}"):
        out.write_text(f"static/{script}", report_charts.chart_script()[1])
    return script


def _choice_page() -> str:
    return render_page("report_choice", {}, StaticStyle())


def _all_pages(given: ReportInput, runs: Any) -> Iterator[SitePage]:
    overview = overview_report(given)
    needs = overview["needs"]
    yield "report_overview", ("",), overview
    for name in given.departments:
        yield "report_department", ("departments", name), department_report(given, name, needs)
    for entry in given.overview["datasets"]:
        yield _dataset_page(given, entry["dataset"], needs)
    yield "marts", ("marts",), marts_document(given.request)
    for name in sorted(given.registry.marts):
        yield "report_mart", ("marts", name), mart_report(given, name, needs)
    yield from _element_pages(given)
    yield "report_silo", ("silo",), silo_report(given)
    for run, document in run_pages(given, runs):
        yield "run", ("runs", run), document
    yield "report_list", ("runs",), run_list(given, runs)


def _dataset_page(given: ReportInput, name: str, needs: list[dict[str, Any]]) -> SitePage:
    contract = given.request.contract(name)
    if contract is None:
        return "dataset", ("datasets", name), dataset_document(given.request, name)
    return "report_dataset", ("datasets", name), dataset_report(given, contract, needs)


def _element_pages(given: ReportInput) -> Iterator[SitePage]:
    entries = []
    for element_id in used_elements(given):
        document = element_report(given, element_id)
        of = document["element"]
        cells = [of["id"], of["unit"], len(document["uses"]), len(document["marts"])]
        entries.append({"id": element_id, "name": of["name"], "cells": cells})
        yield "report_element", ("elements", element_id), document
    heads = ["element", "id", "unit", "uses", "mart_columns"]
    listed = {"listed": "elements", "heads": heads, "entries": entries}
    yield "report_list", ("elements",), {"lake": given.lake.url, "at": given.now.isoformat(), **listed}


_DRAWS: Final = {"report_overview", "report_department", "report_dataset", "report_mart"}


def _write_page(
    out: SiteOutput,
    given: ReportInput,
    page: PageName,
    parts: tuple[str, ...],
    document: Mapping[str, Any],
    *,
    runs: frozenset[str],
    script: str | None,
) -> None:
    file = page_file(*parts)
    commands = NextCommands(given.lake.url, str(given.registry.workspace.root))
    zone = given.registry.workspace.settings.timezone
    for language in LANGUAGES:
        style = StaticStyle(language, zone, file=file, runs=runs, script=script)
        shown = {**document, **template_helpers(style, commands), "draws": page in _DRAWS}
        out.write_text(f"{language}/{file}", render_page(page, shown, style))
    out.write_json(f"data/{file.removesuffix('.html')}.json", document)
