"""A table that is read while rows come or go: exactly its rows, or the pull says that it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.pull.connector_api import FetchProgress
from citylake.pipelines.pull.http.http_request import JsonPage
from citylake.pipelines.pull.portal_table import TablePage, fetch_table_pages
from citylake.schemas.words.errors import CitylakeError
from tests.thorough import examples


@dataclass
class Served:
    """Rows by ascending key; ``moves`` are what happens before each page: a row that goes, or a new one."""

    rows: list[int]
    size: int
    moves: list[int]
    by_key: bool
    exact: bool
    taken: list[int] = field(default_factory=list)
    key: str = "k"
    records: str | None = None
    shown: str = "table"
    max_pages: int = 1000

    def count(self) -> int | None:
        return len(self.rows) if self.exact else None

    def slice(self, place: dict[str, Any] | None, stored: int) -> TablePage:
        self._move()
        behind = place["after"] if place and self.by_key else -1
        start = 0 if self.by_key else stored
        page = [row for row in self.rows if row > behind][start : start + self.size]
        self.taken.extend(page)
        records = [{"k": row} for row in page]
        following = {"after": page[-1] if page else None, "offset": stored + len(page)} if page else None
        return TablePage(JsonPage(Path(), {}, None, records), records, (), following, self.by_key and bool(page))

    def _move(self) -> None:
        move = self.moves.pop(0) if self.moves else 0
        if move < 0 and self.rows:
            del self.rows[move % len(self.rows)]
        elif move > 0:
            self.rows = sorted({*self.rows, move})


def read(table: Served) -> CitylakeError | None:
    try:
        tally = FetchProgress()
        for _ in fetch_table_pages(table, tally, table.count()):
            pass
    except CitylakeError as error:
        return error
    return None if tally.declared in (None, tally.stored) else CitylakeError("COUNT_DIFFERS")


ROWS = st.lists(st.integers(0, 200), unique=True, max_size=40).map(sorted)
GOING, COMING = st.lists(st.integers(-40, 0), max_size=6), st.lists(st.integers(0, 200), max_size=6)


@settings(max_examples=examples(125, 500), deadline=None)
@given(rows=ROWS, size=st.integers(1, 12), by_key=st.booleans(), exact=st.booleans())
def test_a_table_at_rest_comes_whole(rows: list[int], size: int, by_key: bool, exact: bool) -> None:
    table = Served(rows, size, [], by_key, exact)
    assert read(table) is None
    assert table.taken == rows


@settings(max_examples=examples(375, 1500), deadline=None)
@given(rows=ROWS, size=st.integers(1, 12), by_key=st.booleans(), moves=GOING | COMING)
def test_a_table_that_moves_comes_whole_or_is_told(rows: list[int], size: int, by_key: bool, moves: list[int]) -> None:
    table = Served(rows, size, moves, by_key, exact=True)
    assert read(table) is not None or table.taken == table.rows
