"""What the columns and the rows of one SELECT are made from, read with sqlglot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schemas.how import How, then
from schemas.lint.sql import tables_read
from schemas.select_ways import chosen_by, grouped_by_all, made_by

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

Source = tuple[str, str]
"""A dataset's id or ``mart.<mart>.<table>``, and a column of it."""
Ways = Mapping[Source, frozenset[How]]
"""What something comes from, and in which ways."""
_DIALECT = "duckdb"


@dataclass(frozen=True, slots=True)
class Made:
    """``columns``: output column → what its values come from; ``rows``: what joins, filters and groups go by."""

    columns: Mapping[str, Ways] = field(default_factory=dict)
    rows: Ways = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    """Every table that is read, also one of which no column is named."""
    followed: bool = True
    """Whether the columns could be traced; where they could not, all of the tables may be in all of them."""


def made(select: str, known: Mapping[str, Collection[str]], own: Mapping[str, str]) -> Made:
    """What ``select`` makes; ``known``: columns by table, ``own``: the full names of tables that go by a short one."""
    from sqlglot import errors, parse_one
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    try:
        tree, names = _numbered(parse_one(select, dialect=_DIALECT), known, own)
        schema: dict[str, object] = {
            number: dict.fromkeys(known.get(name, ()), "text") for number, name in names.items()
        }
        flat = qualify(tree, schema=schema, dialect=_DIALECT, validate_qualify_columns=False, quote_identifiers=False)
        scope = build_scope(flat)
    except errors.SqlglotError:
        scope = None
    found = frozenset(own.get(".".join(parts), ".".join(parts)) for parts in tables_read(select))
    if scope is None or not _selects(scope):
        return Made(tables=found, followed=False)
    columns, rows = _Followed(names, known).made(scope)
    return Made(columns, rows, found)


def _numbered(
    tree: exp.Expr, known: Mapping[str, Collection[str]], own: Mapping[str, str]
) -> tuple[exp.Expr, dict[str, str]]:
    """The query with ``t0``, ``t1`` … for its tables, whose names are of one to four parts; and their full names."""
    from sqlglot import exp

    names: dict[str, str] = {}
    for table in list(tree.find_all(exp.Table)):
        if not isinstance(table.this, exp.Identifier):
            continue
        said = ".".join(part.name for part in table.parts)
        full = said if said in known else own.get(said)
        if full is not None and not (full != said and _is_cte(tree, said)):
            number = next((key for key, name in names.items() if name == full), f"t{len(names)}")
            names[number] = full
            alias = table.alias or table.name
            named = exp.TableAlias(this=exp.to_identifier(alias))
            table.replace(exp.Table(this=exp.to_identifier(number), alias=named))
    for column in tree.find_all(exp.Column):
        if column.args.get("db"):
            column.set("db", None)
            column.set("catalog", None)
    return tree, names


def _is_cte(tree: exp.Expr, name: str) -> bool:
    from sqlglot import exp

    return any(cte.alias == name for cte in tree.find_all(exp.CTE))


class _Followed:
    """One qualified query, its columns followed down to the tables."""

    def __init__(self, names: Mapping[str, str], known: Mapping[str, Collection[str]]) -> None:
        self._names, self._known = names, known
        self._outputs: dict[int, dict[str, Ways]] = {}
        self._owner: dict[int, Scope] = {}

    def made(self, root: Scope) -> tuple[dict[str, Ways], Ways]:
        scopes = list(root.traverse())
        for scope in scopes:
            for column in scope.columns:
                self._owner.setdefault(id(column), scope)
        beside = [(scope, column, chosen_by(column, scope.expression)) for scope in scopes for column in _beside(scope)]
        grouped: How = "GROUP_BY"
        beside += [(scope, column, grouped) for scope in scopes for column in grouped_by_all(scope.expression)]
        rows = _gathered((source, how) for scope, column, how in beside for source, _ in self._of(column, scope))
        return self._made_by(root), rows

    def _made_by(self, scope: Scope) -> dict[str, Ways]:
        if id(scope) not in self._outputs:
            self._outputs[id(scope)] = {}  # A recursive query asks for itself.
            self._outputs[id(scope)] = self._united(scope) if scope.set_operation_scopes else self._selected(scope)
        return self._outputs[id(scope)]

    def _united(self, scope: Scope) -> dict[str, Ways]:
        first, *others = [self._made_by(each) for each in scope.set_operation_scopes]
        found = dict(first)
        for other in others:
            for name, ways in zip(found, other.values(), strict=False):
                found[name] = _gathered([*_each(found[name]), *_each(ways)])
        return found

    def _selected(self, scope: Scope) -> dict[str, Ways]:
        from sqlglot import exp

        return {
            item.alias_or_name: _gathered(
                (source, then(how, made_by(column, item)))
                for column in item.find_all(exp.Column)
                for source, how in self._of(column, self._owner.get(id(column), scope))
            )
            for item in _selects(scope)
        }

    def _of(self, column: exp.Column, scope: Scope) -> Iterator[tuple[Source, How]]:
        from sqlglot import exp

        named = scope.sources.get(column.table)
        # Without a table, and where a struct's member looks like one, whatever has such a column may be meant.
        asked = [(named, column.name)] if named is not None else self._meant(column, scope)
        for source, name in asked:
            if isinstance(source, exp.Table):
                full = self._names.get(source.name)
                if full is not None:
                    yield (full, name), "IDENTITY"
            else:
                yield from _each(self._made_by(source).get(name, {}))

    def _meant(self, column: exp.Column, scope: Scope) -> list[tuple[Scope | exp.Table, str]]:
        words = {str(part.name) for part in column.parts}
        return [(source, word) for source in scope.sources.values() for word in words if self._has(source, word)]

    def _has(self, source: Scope | exp.Table, word: str) -> bool:
        from sqlglot import exp

        if isinstance(source, exp.Table):
            return word in self._known.get(self._names.get(source.name, ""), ())
        return word in self._made_by(source)


def _each(ways: Ways) -> Iterator[tuple[Source, How]]:
    return ((source, how) for source, hows in ways.items() for how in hows)


def _gathered(found: Iterable[tuple[Source, How]]) -> Ways:
    ways: dict[Source, frozenset[How]] = {}
    for source, how in found:
        ways[source] = ways.get(source, frozenset()) | {how}
    return ways


def _beside(scope: Scope) -> Iterator[exp.Column]:
    """The columns of a query outside its SELECT list."""
    from sqlglot import exp

    selected = {id(column) for item in _selects(scope) for column in item.find_all(exp.Column)}
    return (column for column in scope.columns if id(column) not in selected)


def _selects(scope: Scope) -> list[exp.Expr]:
    from sqlglot import exp

    return list(scope.expression.selects) if isinstance(scope.expression, exp.Query) else []
