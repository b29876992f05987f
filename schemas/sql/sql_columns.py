"""Tables and columns in SQL, read with sqlglot, which is imported only if there is SQL to read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

_DIALECT = "duckdb"
_QUERY = "SELECT 1 WHERE ("


@cache
def condition_columns(condition: str) -> frozenset[str] | str:
    """The columns that a condition names, or the reason why it cannot be read.

    A condition is about one row. A SELECT within it could read files of the machine.
    """
    from sqlglot import exp

    found = _parse_sql(_as_query(condition))
    if isinstance(found, str):
        return found
    if list(found.find_all(exp.Query)) != [found] or found.find(exp.Table, exp.DML, exp.DDL):
        return "a condition contains no SELECT"
    if over := found.find(exp.AggFunc, exp.Window):
        return f"a condition is about one row, and {over.sql(_DIALECT)} about several"
    bound = {str(name.name) for inner in found.find_all(exp.Lambda) for name in inner.expressions}
    return frozenset(_root(column) for column in found.find_all(exp.Column)) - bound


def replace_columns(condition: str, texts: Mapping[str, str]) -> str:
    """``condition``, which can be read, with the text of ``texts`` in place of each column that it names."""
    from sqlglot import exp

    query = _as_query(condition)
    found = _parse_sql(query)
    named = [] if isinstance(found, str) else [column.parts[0] for column in found.find_all(exp.Column)]
    places = {(part.meta["start"], part.meta["end"]): part.name for part in named if part.name in texts}
    for (start, end), name in sorted(places.items(), reverse=True):
        query = query[:start] + texts[name] + query[end + 1 :]
    return query.removeprefix(_QUERY).removesuffix("\n)")


def _as_query(condition: str) -> str:
    return f"{_QUERY}{condition}\n)"


def select_columns(select: str) -> list[str] | None:
    """The columns of a SELECT in order; none if only the engine knows them, as for a star, or it cannot be read."""
    from sqlglot import exp

    found = _parse_select(select)
    if isinstance(found, str):
        return None
    names = [str(name) for name in found.named_selects]
    several = (exp.Columns, exp.Unnest, exp.Explode)
    unnamed = len(names) != len(found.selects) or not all(names) or "*" in names
    starred = any(isinstance(part, exp.Star) or part.find(*several) for part in found.selects)
    return None if unnamed or starred else names


def readable_tables(select: str) -> frozenset[tuple[str, ...]]:
    """What :func:`select_tables` finds; empty if it cannot be read."""
    found = select_tables(select)
    return frozenset() if isinstance(found, str) else found


@cache
def select_tables(select: str) -> frozenset[tuple[str, ...]] | str:
    """The tables that a SELECT reads, without its own CTEs, each as its parts; or the reason why it cannot be read.

    Table functions are not included.
    """
    from sqlglot import errors, exp
    from sqlglot.optimizer.scope import traverse_scope

    found = _parse_select(select)
    if isinstance(found, str):
        return found
    try:
        scopes = traverse_scope(found)
    except errors.SqlglotError as error:
        return str(error)
    tables = {source for scope in scopes for source in scope.sources.values() if isinstance(source, exp.Table)}
    named = (table.parts for table in tables if isinstance(table.this, exp.Identifier))
    return frozenset(tuple(str(part.name) for part in parts) for parts in named)


def unrecognized_functions(select: str) -> frozenset[str]:
    """The functions that a SELECT calls and sqlglot has no class for, in small letters; none if it is unreadable."""
    from sqlglot import exp

    found = _parse_select(select)
    if isinstance(found, str):
        return frozenset()
    calls = found.find_all(exp.Anonymous, exp.AnonymousAggFunc)
    return frozenset(str(call.this).lower() for call in calls)


def called_functions(select: str) -> frozenset[str]:
    """Every function that a SELECT calls, in small letters; none if it is unreadable."""
    from sqlglot import exp

    found = _parse_select(select)
    if isinstance(found, str):
        return frozenset()
    return frozenset(_function_name(call) for call in found.find_all(exp.Func))


def _function_name(call: exp.Func) -> str:
    from sqlglot import exp

    return str(call.this if isinstance(call, exp.Anonymous) else call.sql_name()).lower()


def select_error(select: str) -> str | None:
    """The reason why ``select`` is not one SELECT; none if it is."""
    found = _parse_select(select)
    return found if isinstance(found, str) else None


@cache
def _parse_select(select: str) -> exp.Query | str:
    from sqlglot import exp

    found = _parse_sql(select)
    if isinstance(found, str):
        return found
    inside = found.find(exp.DML, exp.DDL, exp.Copy, exp.Command) if isinstance(found, exp.Query) else None
    if isinstance(found, exp.Query) and (inside is None or isinstance(inside, exp.Query)):
        return found
    found = inside or found
    return f"{found.key.upper()} is not SELECT"


@cache
def _parse_sql(sql: str) -> exp.Expr | str:
    import sqlglot

    try:
        statements = [each for each in sqlglot.parse(sql, dialect=_DIALECT) if each is not None]
    except sqlglot.errors.SqlglotError as error:
        details = getattr(error, "errors", None)
        return str(details[0]["description"]) if details else str(error)
    return statements[0] if len(statements) == 1 else f"{len(statements)} statements, where one should be"


def _root(column: exp.Column) -> str:
    # Of `speed.value`, the part before the point is the column and the rest a member of its struct.
    return str(column.parts[0].name)
