"""A whole document at an address, not sent again while it has not changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipelines.pull.connector import Part, Pulling, State, Tally
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Answer, Ask
from pipelines.pull.web.asker import Asker
from pipelines.pull.web.waiting import PassingError
from pipelines.pull.webpage import page_title
from schemas.faults import CitylakeError, Problem

_HEAD = 1 << 16


def unless_same(ask: Ask, state: State) -> Ask:
    """``ask`` with the conditions under which the server may answer that nothing changed (RFC 9110, 13.1)."""
    conditions = {"If-None-Match": state.get("etag"), "If-Modified-Since": state.get("last_modified")}
    return replace(ask, headers={**ask.headers, **{name: value for name, value in conditions.items() if value}})


def marks(answer: Answer) -> State:
    """What the server calls this version of the document."""
    found = {"etag": answer.headers.get("etag"), "last_modified": answer.headers.get("last-modified")}
    return {name: value for name, value in found.items() if value}


def known(pulling: Pulling, name: str) -> State:
    """What is remembered of the document ``name``, as far as it may be relied on: its bytes are committed."""
    return pulling.state(name) if pulling.committed(name) else {}


def believable(asker: Asker, look: Callable[[Path], object]) -> Callable[[Answer], None]:
    """A check of an answer's body: where ``look`` raises, the document is asked for again.

    What the fault quotes of the body is told without credentials, which error pages like to repeat.
    """

    def check(answer: Answer) -> None:
        try:
            look(answer.path)
        except CitylakeError as error:
            told = {
                name: asker.redact(value) if isinstance(value, str) else value for name, value in error.values.items()
            }
            raise PassingError(error.code, **told) from None

    return check


def snapshot(asker: Asker, ask: Ask, name: str, pulling: Pulling, tally: Tally) -> Iterator[Part]:
    """The document as one part; raises NotModifiedError where it is committed already, FILE_IS_HTML for a web page."""
    check = believable(asker, partial(_refuse_page, shown=shown_url(ask.url)))
    answer = asker.file(unless_same(ask, known(pulling, name)), check)
    yield answer.part(name)
    tally.state = marks(answer) or None


def _refuse_page(path: Path, shown: str) -> None:
    with path.open("rb") as file:
        title = page_title(file.read(_HEAD))
    if title:
        raise CitylakeError("FILE_IS_HTML", file=shown, row=1, title=title)


def note_same_stamp(tally: Tally, before: State, stamp: str, shown: str) -> None:
    """Tell where a document has the ``stamp`` of the committed one, though its bytes came as new ones."""
    if before.get("stamp") == stamp:
        tally.notices.append(Problem("STAMP_REPEATED", {"source": shown, "stamp": stamp}))
