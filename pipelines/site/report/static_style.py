"""How pages of the report site are rendered: links are relative paths of files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from citylake.pipelines.site.page_renderer import PageStyle

_UNSAFE: Final = re.compile(r"[^\w.\-一-鿿]+")
_FOLDERS: Final = {"marts": "marts.html", "elements": "elements.html", "runs": "runs.html"}
"""Pages that list what has a folder."""


def page_file(*parts: str) -> str:
    """Return the file of a page below its language's folder: ``datasets/air.hourly.html``."""
    if not any(parts):
        return "index.html"
    return _FOLDERS.get(parts[0], f"{parts[0]}.html") if len(parts) == 1 else f"{parts[0]}/{file_name(parts[1])}.html"


def file_name(name: str) -> str:
    """Return a name that every file system takes; what differs only in other characters stays different."""
    safe = _UNSAFE.sub("_", name).strip(".") or "_"
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class StaticStyle(PageStyle):
    """``file``: the page's own path below its language's folder; ``runs``: the runs that have a page."""

    file: str = "index.html"
    runs: Collection[str] = ()
    script: str | None = None
    """The name of the script that draws charts; None: the extra ``report`` is not installed."""

    @property
    def static(self) -> bool:
        """It is a file."""
        return True

    def to(self, *parts: str, **_query: str | None) -> str:
        """Return the relative URL of a page."""
        return self._up(0) + quote(page_file(*parts))

    def language_url(self, language: str, _query: str) -> str:
        """Return the relative URL of this page in another language."""
        return f"{self._up(1)}{language}/{quote(self.file)}"

    def asset(self, name: str) -> str:
        """Return the relative URL of a file below ``static``."""
        return f"{self._up(1)}static/{quote(name)}"

    @property
    def data(self) -> str:
        """The relative URL of the page's document as JSON, which is the same in all languages."""
        return f"{self._up(1)}data/{quote(self.file.removesuffix('.html'))}.json"

    def has_run(self, run: str | None) -> bool:
        """Whether there is a page of a run."""
        return run in self.runs

    def _up(self, more: int) -> str:
        return "../" * (self.file.count("/") + more)
