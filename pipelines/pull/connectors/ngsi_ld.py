"""``ngsi_ld``: entities of a context broker, page after page, each stored exactly as it came."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pipelines.pull.connector import Fetch, Part, Pulling, Tally
from pipelines.pull.ngsi.entities import Entities
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask
from pipelines.pull.web.asker import asking
from pipelines.pull.web.rows import Rows
from schemas.source import NgsiLdSource


def fetches(source: NgsiLdSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the type: a broker tells what is, so that each pull is the whole of it."""
    ask = _ask(source)
    yield Fetch(shown_url(ask.url), source.type, partial(_parts, source, ask), "count", (str(ask),))


def _options(source: NgsiLdSource) -> dict[str, str]:
    """The form, and that entities are counted (ETSI GS CIM 009, 6.3.13; NGSIv2 has it as an option)."""
    options = ["keyValues"] * (source.form == "keyValues") + ["count"] * (source.api == "v2")
    counted = {"count": "true"} if source.api == "ld" else {}
    return counted | ({"options": ",".join(options)} if options else {})


def _ask(source: NgsiLdSource) -> Ask:
    params: dict[str, str | int] = {"type": source.type}
    if source.q:
        params["q"] = source.q
    if source.attrs:
        params["attrs"] = ",".join(source.attrs)
    if source.geo:
        params |= source.geo.params(source.api)
    params |= _options(source)
    link = f'<{source.context}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    headers = {"Accept": "application/json", **({"Link": link} if source.context else {})}
    url = f"{source.url.rstrip('/')}/{'v2' if source.api == 'v2' else 'ngsi-ld/v1'}/entities"
    return Ask(url, {**params, "limit": source.page_size, "offset": 0}, headers)


def _parts(source: NgsiLdSource, ask: Ask, tally: Tally) -> Iterator[Part]:
    with asking(source) as asker:
        yield from Entities(source, asker, ask, Rows(asker.shown)).parts(tally)
