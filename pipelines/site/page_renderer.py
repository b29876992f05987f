"""Renders a document as HTML in one language, without external resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from citylake.quality.report.jinja_environment import template_environment
from citylake.quality.report.run_page import run_page_context
from citylake.schemas.words.message_catalogue import translate_key

PageName = Literal["overview", "dataset", "run", "marts", "fault"]


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

    def when(self, value: str | None) -> str:
        """Format an ISO 8601 time in the reader's zone, to the minute."""
        return f"{datetime.fromisoformat(value).astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}" if value else "—"

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


_PARTS = {"run": run_page_context, "overview": _by_department}
"""Functions that compute additional template variables, by page."""
