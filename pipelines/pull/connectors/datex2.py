"""``datex2``: a snapshot of measured data, with the table of the sites at which they were measured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pipelines.pull.connector import Fetch, NotModifiedError, Part, Pulling, State, Tally
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask, name_of
from pipelines.pull.web.asker import Asker, asking
from pipelines.pull.web.snapshot import believable, known, marks, note_same_stamp, unless_same
from pipelines.pull.webpage import page_title
from schemas.faults import CitylakeError
from schemas.source import Datex2Source

_HEAD = 1 << 16
_TAIL = 1 << 10
_TOLD = 60
_PACKED = b"\x1f\x8b"
_START = re.compile(rb"<(?:[\w.-]+:)?(d2logicalmodel|messagecontainer|envelope)\b", re.I)
_END = re.compile(rb"</(?:[\w.-]+:)?(d2logicalmodel|messagecontainer|envelope)\s*>\s*(<!--.*-->\s*)*$", re.I | re.S)
_STAMP = re.compile(rb"<(?:[\w.-]+:)?publicationTime>\s*([^<\s]+)")


def fetches(source: Datex2Source, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch with the documents as its parts; neither is sent again while neither has changed."""
    name, ask = name_of(source.url), Ask(source.url, source.params)

    def parts(tally: Tally) -> Iterator[Part]:
        with asking(source) as asker:
            yield from _Pair(source, asker, ask, known(pulling, name), tally).parts()

    asks = (str(ask), f"GET {shown_url(source.site_table)}") if source.site_table else (str(ask),)
    yield Fetch(shown_url(source.url), name, parts, proof="snapshot", asks=asks)


class _Pair:
    """The documents, and what is remembered of them; the one that changed comes first, the other whatever it is."""

    def __init__(self, source: Datex2Source, asker: Asker, ask: Ask, before: State, tally: Tally) -> None:
        self.asker, self.before, self.tally = asker, before, tally
        self.state: State = {}
        self.asks = {"measured": ask}
        if source.site_table:
            self.asks["site_table"] = Ask(asker.on_origin(source.site_table, source.url, 1))

    def parts(self) -> Iterator[Part]:
        """Both documents; raises NotModifiedError where both are those that are committed."""
        for role, ask in self.asks.items():
            try:
                yield self._part(role, unless_same(ask, self.before.get(role, {})))
            except NotModifiedError:
                continue
            yield from (self._part(other, self.asks[other]) for other in self.asks if other != role)
            self.tally.state = self.state
            return
        raise NotModifiedError

    def _part(self, role: str, ask: Ask) -> Part:
        shown = shown_url(ask.url)
        answer = self.asker.file(ask, believable(self.asker, partial(_require_whole, shown=shown)))
        self.state[role] = marks(answer)
        stamp = _stamp(answer.path)
        if role == "measured" and stamp:
            self.state["stamp"] = stamp
            note_same_stamp(self.tally, self.before, stamp, shown)
        return answer.part(f"{role}-{name_of(ask.url)}")


def _require_whole(path: Path, shown: str) -> None:
    """Raise FILE_IS_HTML or DATEX2_NOT_WHOLE. What is packed tells whether it is whole when it is unpacked."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read()
    title = page_title(head)
    if title:
        raise CitylakeError("FILE_IS_HTML", file=shown, row=1, title=title)
    if head.startswith(_PACKED) or (_START.search(head) and _END.search(tail)):
        return
    start, end = (" ".join(text.decode("utf-8", "replace").split()) for text in (head[:_TOLD], tail[-_TOLD:]))
    raise CitylakeError("DATEX2_NOT_WHOLE", file=shown, start=start or "—", end=end or "—")


def _stamp(path: Path) -> str | None:
    with path.open("rb") as file:
        found = _STAMP.search(file.read(_HEAD))
    return found[1].decode("utf-8", "replace") if found else None
