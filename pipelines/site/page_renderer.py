"""A document as HTML, in one language, with nothing that is fetched from elsewhere."""

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
    """How a reader sees the pages: in which language and zone, below which address, and the nonce of its styles."""

    language: str = "en"
    zone: str = "UTC"
    base: str = ""
    nonce: str = ""

    def to(self, *parts: str, **query: str | None) -> str:
        """The address of a page."""
        path = "/".join((self.base, *(quote(part, safe="") for part in parts)))
        asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items() if value)
        return f"{path}?{asked}" if asked else path

    def when(self, value: str | None) -> str:
        """A moment in the reader's zone, to the minute."""
        return f"{datetime.fromisoformat(value).astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}" if value else "—"

    def age(self, seconds: float | None) -> str:
        """How long ago, in the largest unit of which there are two."""
        if seconds is None:
            return "—"
        for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
            if seconds >= (2 * size if unit != "minutes" else size):
                return translate_key(f"pages.age.{unit}", self.language, n=int(seconds // size))
        return translate_key("pages.age.now", self.language)


def render_page(page: PageName, document: Mapping[str, Any], look: PageStyle, query: str = "") -> str:
    """One HTML page; ``query`` is what its own address asks for beside the language."""
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
"""What a page's templates ask for beside its document."""
