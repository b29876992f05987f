"""``datex2``: a snapshot of measured data, with the measurement site table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from citylake.pipelines.pull.connector_api import (
    Fetch,
    FetchProgress,
    LandedPart,
    NotModifiedError,
    PullContext,
    PullState,
)
from citylake.pipelines.pull.connectors.datex2.datex2_source import Datex2Source
from citylake.pipelines.pull.html_page import html_title
from citylake.pipelines.pull.http.conditional_get import (
    add_cache_validators,
    committed_document_state,
    note_repeated_stamp,
    read_cache_validators,
    retry_unless_valid,
)
from citylake.pipelines.pull.http.http_client import HttpClient, open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest, url_basename
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.words.errors import CitylakeError

_HEAD = 1 << 16
_TAIL = 1 << 10
_TEXT_SHOWN = 60
_GZIP_MAGIC = b"\x1f\x8b"
_START = re.compile(rb"<(?:[\w.-]+:)?(d2logicalmodel|messagecontainer|envelope)\b", re.I)
_END = re.compile(rb"</(?:[\w.-]+:)?(d2logicalmodel|messagecontainer|envelope)\s*>\s*(<!--.*-->\s*)*$", re.I | re.S)
_STAMP = re.compile(rb"<(?:[\w.-]+:)?publicationTime>\s*([^<\s]+)")


def datex2_fetches(source: Datex2Source, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch with both documents as its parts; nothing is sent while neither has changed."""
    name, ask = url_basename(source.url), HttpRequest(source.url, source.params)

    def parts(tally: FetchProgress) -> Iterator[LandedPart]:
        with open_http_client(source) as asker:
            yield from _DocumentPair(source, asker, ask, committed_document_state(pulling, name), tally).parts()

    asks = (str(ask), f"GET {redact_url(source.site_table)}") if source.site_table else (str(ask),)
    yield Fetch(redact_url(source.url), name, parts, proof="snapshot", asks=asks)


class _DocumentPair:
    """Both documents and their state; if either changed, both are fetched, the changed one first."""

    def __init__(
        self, source: Datex2Source, asker: HttpClient, ask: HttpRequest, before: PullState, tally: FetchProgress
    ) -> None:
        self.asker, self.before, self.tally = asker, before, tally
        self.state: PullState = {}
        self.asks = {"measured": ask}
        if source.site_table:
            self.asks["site_table"] = HttpRequest(asker.on_origin(source.site_table, source.url, 1))

    def parts(self) -> Iterator[LandedPart]:
        """Both documents; raises NotModifiedError if neither has changed."""
        for role, ask in self.asks.items():
            try:
                yield self._part(role, add_cache_validators(ask, self.before.get(role, {})))
            except NotModifiedError:
                continue
            yield from (self._part(other, self.asks[other]) for other in self.asks if other != role)
            self.tally.state = self.state
            return
        raise NotModifiedError

    def _part(self, role: str, ask: HttpRequest) -> LandedPart:
        shown = redact_url(ask.url)
        answer = self.asker.file(ask, retry_unless_valid(self.asker, partial(_require_whole_document, shown=shown)))
        self.state[role] = read_cache_validators(answer)
        stamp = _publication_time(answer.path)
        if role == "measured" and stamp:
            self.state["stamp"] = stamp
            note_repeated_stamp(self.tally, self.before, stamp, shown)
        return answer.part(f"{role}-{url_basename(ask.url)}")


def _require_whole_document(path: Path, shown: str) -> None:
    """Raise FILE_IS_HTML or DATEX2_NOT_WHOLE; a compressed document is checked when it is decompressed."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read()
    title = html_title(head)
    if title:
        raise CitylakeError("FILE_IS_HTML", file=shown, row=1, title=title)
    if head.startswith(_GZIP_MAGIC) or (_START.search(head) and _END.search(tail)):
        return
    start, end = (
        " ".join(text.decode("utf-8", "replace").split()) for text in (head[:_TEXT_SHOWN], tail[-_TEXT_SHOWN:])
    )
    raise CitylakeError("DATEX2_NOT_WHOLE", file=shown, start=start or "—", end=end or "—")


def _publication_time(path: Path) -> str | None:
    with path.open("rb") as file:
        found = _STAMP.search(file.read(_HEAD))
    return found[1].decode("utf-8", "replace") if found else None
