"""The SELECT of a contract's source, restricted to what an earlier pull left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from citylake.pipelines.pull.connectors.database.database_session import (
    DatabaseSession,
    DatabaseValue,
    database_source_label,
)
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource


@dataclass(slots=True)
class SelectQuery:
    """Conditions over a relation in one session."""

    session: DatabaseSession
    source: DatabaseSource
    relation: str
    kinds: Mapping[str, str]
    conditions: list[str] = field(default_factory=list)

    @property
    def columns(self) -> Sequence[str]:
        """The columns to read."""
        return self.source.columns or tuple(self.kinds)

    def rest(self) -> str:
        """``FROM … WHERE …``."""
        met = " AND ".join(f"({condition}\n)" for condition in self.conditions)
        return f"FROM {self.relation} q" + (f" WHERE {met}" if met else "")

    def select(self, *, ordered: bool = True) -> str:
        """The SELECT of every row that meets the conditions."""
        items = ", ".join(self.session.item(column, self.kinds[column]) for column in self.columns)
        order = self._order() if ordered else []
        return f"SELECT {items} {self.rest()}" + (f" ORDER BY {', '.join(order)}" if order else "")

    def compare(self, column: str, sign: str, name: str, value: DatabaseValue, *, absent: bool = False) -> None:
        """Only rows whose ``column`` has this relation to ``value``; ``absent``: or is null."""
        left, right = self.session.bound(name, value, column)
        self.conditions.append(f"{left} {sign} {right}" + (f" OR {left} IS NULL" if absent else ""))

    def since(self, state: Mapping[str, Any]) -> None:
        """Only rows from the watermark less the overlap on, and those whose column is null."""
        wanted = self.source.incremental
        if wanted is None or "since" not in state or state.get("column", wanted.column) != wanted.column:
            return
        value = DatabaseValue(self.kinds[wanted.column] or state.get("type", "str"), str(state["since"]))
        left = self.session.bound("since", value, wanted.column)[0]
        least = self.session.earlier("since", value, wanted.overlap)
        self.conditions.append(f"{left} >= {least} OR {left} IS NULL")

    def measure(self, *columns: str | None, past: bool = False) -> tuple[int, list[DatabaseValue | None]]:
        """The number of rows, and the highest value of each column (None for a missing one)."""
        asked = [column for column in columns if column]
        count, found = self.session.measure(self.rest(), [(name, self.kinds[name]) for name in asked], past=past)
        highest = dict(zip(asked, found, strict=True))
        return count, [highest.get(column) if column else None for column in columns]

    def _order(self) -> list[str]:
        source, exchange = self.source, self.source.exchange
        first = [name for name in (exchange.batch, exchange.time) if name] if exchange else []
        key = source.order or tuple(self.session.key(source.table) if source.table else ())
        # The bare name would refer to the selected text, which has another order.
        named = [f"q.{self.session.quoted_column(name)}" for name in dict.fromkeys((*first, *key))]
        whole = exchange and not key
        return named + ([str(place) for place in range(1, len(self.columns) + 1)] if whole else [])


def build_select(session: DatabaseSession, source: DatabaseSource) -> SelectQuery:
    """All rows of the source; raises DATABASE_NO_TABLE, DATABASE_NO_COLUMN, or DATABASE_… by the database's error."""
    relation = session.quoted(source.table) if source.table else f"({_relation_sql(session, source)}\n)"
    kinds = session.kinds(f"{relation} q")
    wanted = [*source.columns, *source.order, *(source.exchange.columns if source.exchange else ())]
    wanted += [source.incremental.column] if source.incremental else []
    missing = [name for name in dict.fromkeys(wanted) if name not in kinds]
    if missing:
        near = dict.fromkeys(word for name in missing for word in nearest_words(name, kinds))
        told = {"columns": ", ".join(missing), "suggestion": ", ".join(near) or "—"}
        raise CitylakeError("DATABASE_NO_COLUMN", source=database_source_label(source), **told)
    made = SelectQuery(session, source, relation, kinds)
    if source.where:
        made.conditions.append(session.condition(source.where))
    return made


def describe_select(source: DatabaseSource, state: Mapping[str, Any]) -> str:
    """The query for ``--dry-run``, without a connection to the database."""
    met = [f"({source.where})"] if source.where else []
    if source.incremental and "since" in state:
        met.append(f"{source.incremental.column} >= '{state['since']}' - {source.incremental.overlap}")
    if source.exchange:
        met.append(f"{source.exchange.taken} = '{source.exchange.waiting}'")
    selected = f"SELECT {', '.join(source.columns) or '*'} FROM {source.table or f'({source.query})'}"
    order = [source.exchange.batch] if source.exchange else list(source.order)
    return (
        selected + (" WHERE " + " AND ".join(met) if met else "") + (f" ORDER BY {', '.join(order)}" if order else "")
    )


def _relation_sql(session: DatabaseSession, source: DatabaseSource) -> str:
    return session.condition((source.query or "").strip().rstrip(";"))
