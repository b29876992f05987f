"""What a program may ask of marts: find, describe and query, each answered with one JSON document."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from citylake.pipelines.history.trace.recorded_trace import recorded_trace
from citylake.pipelines.history.trace.trace_document import trace_document
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.mart_reader import published_pointer
from citylake.pipelines.read.meaning_warnings import query_meaning
from citylake.pipelines.read.query_limits import QueryLimits
from citylake.pipelines.read.recorded_query import ask_mart
from citylake.pipelines.serve.find_in_marts import find_in_marts
from citylake.pipelines.serve.mart_facts import MartFacts, published_marts, read_mart_facts, version_facts
from citylake.pipelines.serve.servable_mart import check_servable
from citylake.pipelines.serve.server_tokens import ServerTokens
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

MOST_ROWS = 1000
SearchElements = Callable[[str], Mapping[str, Mapping[str, Any]]]
"""Element → its facts and ``score``, for the words of a search."""


@dataclass(frozen=True, slots=True)
class MartTools:
    """``marts``: the only ones that are shown; empty for all that are published.

    ``registry``: the declarations by which rows are traced; without them, none is. ``tokens``: of a server with readers
    of its own; without them, the reader is the user of this process.
    """

    lake: Lake
    marts: Sequence[str] = ()
    limits: QueryLimits = field(default_factory=QueryLimits)
    search_elements: SearchElements | None = None
    registry: Registry | None = None
    tokens: ServerTokens | None = None
    # DuckDB gives one process one database for a file: two readers of a version would share settings.
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def find(self, words: str, most: int) -> dict[str, Any]:
        """Marts, tables and columns by words, and the data elements of the workspace."""
        elements = self.search_elements(words) if self.search_elements else {}
        scores = {name: float(facts["score"]) for name, facts in elements.items()}
        found = find_in_marts(words, self._readable(), scores, most)
        return {
            "found": [each.document() for each in found],
            "elements": [{"element": name, **facts} for name, facts in elements.items()],
        }

    def describe(self, mart: str, table: str | None, column: str | None) -> dict[str, Any]:
        """A mart with its tables, a table with its columns, or one column. Raises MART_PART_UNKNOWN."""
        facts = self._facts(mart)
        if table is None:
            tables = {name: {k: v for k, v in told.items() if k != "sql"} for name, told in facts.tables.items()}
            asked = {"questions": facts.questions} if facts.questions else {}
            return {**facts.version(), "passport": facts.passport, "tables": tables, **asked}
        _known(mart, table, facts.tables)
        columns = {name: told for (of, name), told in facts.columns.items() if of == table}
        if column is None:
            return {**facts.version(), "table": table, **facts.tables[table], "columns": columns}
        _known(f"{mart}.{table}", column, columns)
        computed = {"sql_of_table": facts.tables[table]["sql"]} if "sql" in facts.tables[table] else {}
        return {**facts.version(), "table": table, "column": column, **columns[column], **computed}

    def query(self, mart: str, sql: str, most: int, user: str | None = None) -> dict[str, Any]:
        """Run a SELECT over the current version, through the gates of ``citylake query``, at ``most`` rows.

        Raises what these gates raise.
        """
        with self._alone:
            pointer = self._pointer(mart)
            answer = ask_mart(self.lake, mart, sql, Asked(user, "mcp"), self.limits, most=most)
            meaning = query_meaning(self.lake, mart, sql)
        columns = [{"name": name, **_unit(meaning.units.get(name))} for name in answer.columns]
        return {
            **version_facts(pointer),
            "columns": columns,
            "rows": [list(row) for row in answer.rows],
            "row_count": len(answer.rows),
            "row_limit": most,
            "truncated": answer.more,
            "warnings": meaning.warnings,
            "recorded": not answer.unrecorded,
        }

    @property
    def traces(self) -> bool:
        """Whether rows are traced: they are shown as the sources sent them, to the user of this process alone."""
        return self.registry is not None and self.tokens is None

    def trace(
        self, mart: str, table: str, key: Mapping[str, Any], column: str | None, version: str | None, most: int
    ) -> dict[str, Any]:
        """One row of a mart back to standard rows, files and receipts, as ``citylake trace``; ``most`` rows of each."""
        assert self.registry is not None
        asked = Asked(None, "mcp")
        with self._alone:
            self._pointer(mart)
            found, unrecorded = recorded_trace(self.lake, self.registry, mart, table, key, column, version, asked)
            document = trace_document(self.lake, self.registry, found, most, asked)
        return {**document, "recorded": not unrecorded}

    def _readable(self) -> list[MartFacts]:
        """The facts of the marts that this reader may open; the others are not told of."""
        found = []
        for name in self.marts or published_marts(self.lake):
            try:
                found.append(self._facts(name))
            except CitylakeError as error:
                if error.code not in ("MART_CLOSED", "MART_NOT_PUBLISHED", "SERVE_REFUSED"):
                    raise
        return found

    def _facts(self, mart: str) -> MartFacts:
        with self._alone:
            self._pointer(mart)
            return read_mart_facts(self.lake, mart)

    def _pointer(self, mart: str) -> Any:
        shown = self.marts or published_marts(self.lake)
        _known("marts", mart, shown)
        pointer = published_pointer(self.lake, mart)
        if self.tokens is not None:
            check_servable(self.lake, pointer, self.tokens)
        return pointer


def _unit(unit: str | None) -> dict[str, str]:
    return {"unit": unit} if unit else {}


def _known(where: str, name: str, known: Sequence[str] | Mapping[str, Any]) -> None:
    if name not in known:
        names = ", ".join(nearest_words(name, known)) or ", ".join(list(known)[:20])
        raise CitylakeError("MART_PART_UNKNOWN", where=where, name=name, known=names or "—")
