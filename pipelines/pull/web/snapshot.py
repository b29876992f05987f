"""A whole document at an address, not sent again while it has not changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipelines.pull.connector import Part, Pulling, State, Tally
from pipelines.pull.web.ask import Answer, Ask
from pipelines.pull.web.asker import Asker


def unless_same(ask: Ask, state: State) -> Ask:
    """``ask`` with the conditions under which the server may answer that nothing changed (RFC 9110, 13.1)."""
    conditions = {"If-None-Match": state.get("etag"), "If-Modified-Since": state.get("last_modified")}
    return replace(ask, headers={**ask.headers, **{name: value for name, value in conditions.items() if value}})


def marks(answer: Answer) -> State:
    """What the server calls this version of the document."""
    found = {"etag": answer.headers.get("etag"), "last_modified": answer.headers.get("last-modified")}
    return {name: value for name, value in found.items() if value}


def snapshot(asker: Asker, ask: Ask, name: str, pulling: Pulling, tally: Tally) -> Iterator[Part]:
    """The document as one part; raises NotModifiedError where it is the one that is committed already."""
    if pulling.committed(name):
        ask = unless_same(ask, pulling.state(name))
    answer = asker.file(ask)
    yield answer.part(name)
    tally.state = marks(answer) or None
