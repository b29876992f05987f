"""``gtfs``: a GTFS zip at a stable address, not sent again while it has not changed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pipelines.pull import archive
from pipelines.pull.connector import Fetch, Part, Pulling, Tally
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask, name_of
from pipelines.pull.web.asker import asking
from pipelines.pull.web.snapshot import believable, known, marks, unless_same
from pipelines.pull.webpage import page_title
from schemas.faults import CitylakeError
from schemas.source import GtfsSource

_HEAD = 1 << 16


def fetches(source: GtfsSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path."""
    name, ask, shown = name_of(source.url), Ask(source.url, source.params), shown_url(source.url)

    def parts(tally: Tally) -> Iterator[Part]:
        with asking(source) as asker:
            check = believable(asker, partial(_tables, shown=shown))
            answer = asker.file(unless_same(ask, known(pulling, name)), check)
            _require_table(source, _tables(answer.path, shown), shown)
            yield answer.part(name)
            tally.state = marks(answer) or None

    yield Fetch(shown, name, parts, proof="snapshot", asks=(str(ask),))


def _tables(path: Path, shown: str) -> list[str]:
    """The files in the zip; raises ZIP_BROKEN or FILE_IS_HTML. Its directory is at its end: one that opens is whole."""
    with path.open("rb") as file:
        title = page_title(file.read(_HEAD))
        if title:
            raise CitylakeError("FILE_IS_HTML", file=shown, row=1, title=title)
        file.seek(0)
        with archive.opened(file, shown) as zipped:
            return [archive.member_name(info) for info in zipped.infolist()]


def _require_table(source: GtfsSource, members: list[str], shown: str) -> None:
    """A feed without the table, or with its tables in a folder, is told before it is landed."""
    table = source.format.table
    if f"{table}.txt" in members or (source.format.optional and "agency.txt" in members):
        return
    raise CitylakeError("GTFS_NO_TABLE", file=shown, table=table, members=", ".join(sorted(members)))
