"""``http``: GET of one file or document, stored exactly as it came."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.pull.connector import Fetch, Part, Pulling, Tally
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask, name_of
from pipelines.pull.web.asker import Asker, asking
from pipelines.pull.web.envelope import succeeded
from pipelines.pull.web.snapshot import snapshot
from schemas.formats import JsonFormat
from schemas.source import HttpSource


def fetches(source: HttpSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path."""
    name, ask = name_of(source.url), Ask(source.url, source.params)

    def parts(tally: Tally) -> Iterator[Part]:
        with asking(source) as asker:
            yield from _enveloped(asker, ask, name) if source.envelope else snapshot(asker, ask, name, pulling, tally)

    yield Fetch(shown_url(source.url), name, parts, asks=(str(ask),))


def _enveloped(asker: Asker, ask: Ask, name: str) -> Iterator[Part]:
    """A document that says itself whether it is one: it must be read before it is believed."""
    form = asker.source.format
    assert isinstance(form, JsonFormat)
    yield asker.page(ask, succeeded(asker, 1), form.encoding).part(name)
