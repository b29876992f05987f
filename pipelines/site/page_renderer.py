"""Renders a document as HTML in one language, without external resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from citylake.pipelines.site.mart_days import mart_day_parts
from citylake.quality.report.jinja_environment import template_environment
from citylake.quality.report.run_page import run_page_context
from citylake.schemas.words.message_catalogue import translate_key

PageName = Literal[
    "overview", "dataset", "run", "marts", "held", "fault",
    "report_overview", "report_department", "report_dataset", "report_mart", "report_element", "report_list",
    "report_silo", "report_choice",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageStyle:
    """How pages are rendered. ``base``: URL prefix of all pages; ``nonce``: CSP nonce of the inline styles."""

    language: str = "en"
    zone: str = "UTC"
    base: str = ""
    nonce: str = ""

    def to(self, *parts: str, **query: str | None) -> str:
        """Return the URL of a page. Empty query values are left out."""
        path = "/".join((self.base, *(quote(part, safe="") for part in parts)))
        parameters = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items() if value)
        return f"{path}?{parameters}" if parameters else path

    @property
    def static(self) -> bool:
        """Whether the page is a file of the report site, opened without a server."""
        return False

    def language_url(self, language: str, query: str) -> str:
        """Return the URL of this page in another language. ``query``: its query string, without the language."""
        return f"?{query}&lang={language}" if query else f"?lang={language}"

    def has_run(self, _run: str | None) -> bool:
        """Whether there is a page of a run."""
        return True

    def when(self, value: str | None) -> str:
        """Format an ISO 8601 time in the reader's zone, to the minute; any other text stays as it is."""
        if not value:
            return "—"
        try:
            return f"{datetime.fromisoformat(value).astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}"
        except ValueError:
            return value

    def age(self, seconds: float | None) -> str:
        """Format an age in words, in the largest unit that gives at least 2 (minutes: 1)."""
        if seconds is None:
            return "—"
        for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
            if seconds >= (2 * size if unit != "minutes" else size):
                return translate_key(f"pages.age.{unit}", self.language, n=int(seconds // size))
        return translate_key("pages.age.now", self.language)


def render_page(page: PageName, document: Mapping[str, Any], look: PageStyle, query: str = "") -> str:
    """Return one HTML page. ``query``: the query string of its own URL, without the language."""
    template = template_environment("citylake.pipelines.site", "citylake.quality.report").get_template(
        f"{page}.html.j2"
    )
    parts = _PARTS[page](document) if page in _PARTS else {}
    return template.render({**document, **parts}, page=page, look=look, languages=(look.language,), query=query)


def _by_department(document: Mapping[str, Any]) -> dict[str, Any]:
    groups: dict[str, list[Any]] = {}
    for entry in document["datasets"]:
        groups.setdefault(entry["department"] or "", []).append(entry)
    return {"departments": groups}


_PARTS = {
    "run": run_page_context,
    "marts": mart_day_parts,
    "overview": _by_department,
    "report_overview": _by_department,
}
"""Functions that compute additional template variables, by page."""
