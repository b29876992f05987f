"""``http``: GET, one answer or page after page, each stored exactly as it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

from pipelines.pull.asking import Answer, Asker, PassingError, client
from pipelines.pull.connector import Fetch, Part, Tally
from pipelines.pull.credentials import credentials
from pipelines.pull.document import read_document, records_of, refusal
from pipelines.pull.paging import Ask, Walk
from pipelines.pull.redact import shown_url
from schemas.faults import CitylakeError
from schemas.formats import JsonFormat
from schemas.source import HttpSource

_CHUNK = 1 << 20


def fetches(source: HttpSource, variables: Mapping[str, str]) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path."""
    parts = urlsplit(source.url)
    name = unquote(parts.path).rstrip("/").rsplit("/", 1)[-1] or parts.hostname or "data"
    yield Fetch(shown_url(source.url), name, partial(_parts, source, name))


def _parts(source: HttpSource, name: str, tally: Tally) -> Iterator[Part]:
    access = credentials(source.connection)
    with TemporaryDirectory(prefix="citylake-") as scratch, client(source) as http:
        asker = Asker(source, access, Path(scratch), http)
        if source.paging:
            yield from _pages(asker, Walk(source, source.paging), tally)
        else:
            answer = asker.get(Ask(source.url, source.params), source.max_bytes, _Check(asker, 1).whole)
            yield Part(name, _chunks(answer))


def _pages(asker: Asker, walk: Walk, tally: Tally) -> Iterator[Part]:
    assert isinstance(asker.source.format, JsonFormat)
    left, ask = asker.source.max_bytes, walk.first()
    while True:
        check = _Check(asker, walk.number + 1)
        answer = asker.get(ask, left, check.whole)
        records = list(records_of(check.document, asker.source.format.records))
        walk.take(check.document, records)
        left -= answer.path.stat().st_size
        yield Part(f"{walk.number:05d}.json", _chunks(answer))
        tally.declared, tally.stored = walk.declared, walk.stored
        following = walk.following(ask, check.document, len(records), answer.next_link)
        if following is None:
            return
        ask = following


@dataclass(slots=True)
class _Check:
    """Whether a 200 is a success, by the source's envelope; keeps the document that it read."""

    asker: Asker
    page: int
    document: Any = None

    def whole(self, path: Path) -> None:
        source, shown = self.asker.source, shown_url(self.asker.source.url)
        if not (source.paging or source.envelope) or not isinstance(source.format, JsonFormat):
            return
        try:
            self.document = read_document(path.read_bytes(), source.format.encoding, shown)
        except CitylakeError as error:
            start = self.asker.access.redact(error.values["start"])
            raise PassingError(error.code, source=shown, start=start) from None
        message = refusal(self.document, source.envelope)
        if message is not None:
            said = self.asker.access.redact(message)
            raise PassingError("HTTP_FAILED_INSIDE", source=shown, page=self.page, message=said[:200])


def _chunks(answer: Answer) -> Iterator[bytes]:
    with answer.path.open("rb") as file:
        yield from iter(partial(file.read, _CHUNK), b"")
