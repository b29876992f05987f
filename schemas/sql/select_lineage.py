"""The lineage of the columns and the rows of one SELECT, read with sqlglot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from citylake.schemas.sql.column_transformation import filter_transformation, group_by_all_columns, value_transformation
from citylake.schemas.sql.sql_columns import readable_tables
from citylake.schemas.sql.transformation_types import TransformationType, chain_transformations

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope

ColumnRef = tuple[str, str]
"""A dataset's id or ``mart.<mart>.<table>``, and a column of it."""
ColumnSources = Mapping[ColumnRef, frozenset[TransformationType]]
"""The columns that something depends on, and how."""
_DIALECT = "duckdb"


@dataclass(frozen=True, slots=True)
class SelectLineage:
    """``columns``: output column → the columns of its values; ``rows``: the columns of joins, filters and groups."""

    columns: Mapping[str, ColumnSources] = field(default_factory=dict)
    rows: ColumnSources = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    """Every table that is read, also if no column of it is named."""
    followed: bool = True
    """Whether the columns could be traced; if not, each of them can depend on all tables."""


def trace_select(select: str, known: Mapping[str, Collection[str]], own: Mapping[str, str]) -> SelectLineage:
    """The lineage of ``select``; ``known``: columns by table, ``own``: full names of tables with a short one."""
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
    found = frozenset(own.get(".".join(parts), ".".join(parts)) for parts in readable_tables(select))
    if scope is None or not _selects(scope):
        return SelectLineage(tables=found, followed=False)
    columns, rows = _QualifiedSelect(names, known).made(scope)
    return SelectLineage(columns, rows, found)


def _numbered(
    tree: exp.Expr, known: Mapping[str, Collection[str]], own: Mapping[str, str]
) -> tuple[exp.Expr, dict[str, str]]:
    """The query with ``t0``, ``t1`` … for its tables, whose names have one to four parts; and their full names."""
    from sqlglot import exp

    names: dict[str, str] = {}
    for table in list(tree.find_all(exp.Table)):
        if not isinstance(table.this, exp.Identifier):
            continue
        short = ".".join(part.name for part in table.parts)
        full = short if short in known else own.get(short)
        if full is not None and not (full != short and _is_cte(tree, short)):
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


class _QualifiedSelect:
    """One qualified query, whose columns are traced to the tables."""

    def __init__(self, names: Mapping[str, str], known: Mapping[str, Collection[str]]) -> None:
        self._names, self._known = names, known
        self._outputs: dict[int, dict[str, ColumnSources]] = {}
        self._owner: dict[int, Scope] = {}

    def made(self, root: Scope) -> tuple[dict[str, ColumnSources], ColumnSources]:
        scopes = list(root.traverse())
        for scope in scopes:
            for column in scope.columns:
                self._owner.setdefault(id(column), scope)
        beside = [
            (scope, column, filter_transformation(column, scope.expression))
            for scope in scopes
            for column in _filter_columns(scope)
        ]
        grouped: TransformationType = "GROUP_BY"
        beside += [(scope, column, grouped) for scope in scopes for column in group_by_all_columns(scope.expression)]
        rows = _collect_sources((source, how) for scope, column, how in beside for source, _ in self._of(column, scope))
        return self._made_by(root), rows

    def _made_by(self, scope: Scope) -> dict[str, ColumnSources]:
        if id(scope) not in self._outputs:
            self._outputs[id(scope)] = {}  # A recursive query refers to itself.
            self._outputs[id(scope)] = self._united(scope) if scope.set_operation_scopes else self._selected(scope)
        return self._outputs[id(scope)]

    def _united(self, scope: Scope) -> dict[str, ColumnSources]:
        first, *others = [self._made_by(each) for each in scope.set_operation_scopes]
        found = dict(first)
        for other in others:
            for name, ways in zip(found, other.values(), strict=False):
                found[name] = _collect_sources([*_iter_sources(found[name]), *_iter_sources(ways)])
        return found

    def _selected(self, scope: Scope) -> dict[str, ColumnSources]:
        from sqlglot import exp

        return {
            item.alias_or_name: _collect_sources(
                (source, chain_transformations(how, value_transformation(column, item)))
                for column in item.find_all(exp.Column)
                for source, how in self._of(column, self._owner.get(id(column), scope))
            )
            for item in _selects(scope)
        }

    def _of(self, column: exp.Column, scope: Scope) -> Iterator[tuple[ColumnRef, TransformationType]]:
        from sqlglot import exp

        named = scope.sources.get(column.table)
        # Without a table, or if a struct's member looks like one, every source with such a column is possible.
        origins = [(named, column.name)] if named is not None else self._meant(column, scope)
        for source, name in origins:
            if isinstance(source, exp.Table):
                full = self._names.get(source.name)
                if full is not None:
                    yield (full, name), "IDENTITY"
            else:
                yield from _iter_sources(self._made_by(source).get(name, {}))

    def _meant(self, column: exp.Column, scope: Scope) -> list[tuple[Scope | exp.Table, str]]:
        words = {str(part.name) for part in column.parts}
        return [(source, word) for source in scope.sources.values() for word in words if self._has(source, word)]

    def _has(self, source: Scope | exp.Table, word: str) -> bool:
        from sqlglot import exp

        if isinstance(source, exp.Table):
            return word in self._known.get(self._names.get(source.name, ""), ())
        return word in self._made_by(source)


def _iter_sources(ways: ColumnSources) -> Iterator[tuple[ColumnRef, TransformationType]]:
    return ((source, how) for source, hows in ways.items() for how in hows)


def _collect_sources(found: Iterable[tuple[ColumnRef, TransformationType]]) -> ColumnSources:
    ways: dict[ColumnRef, frozenset[TransformationType]] = {}
    for source, how in found:
        ways[source] = ways.get(source, frozenset()) | {how}
    return ways


def _filter_columns(scope: Scope) -> Iterator[exp.Column]:
    """The columns of a query outside its SELECT list."""
    from sqlglot import exp

    selected = {id(column) for item in _selects(scope) for column in item.find_all(exp.Column)}
    return (column for column in scope.columns if id(column) not in selected)


def _selects(scope: Scope) -> list[exp.Expr]:
    from sqlglot import exp

    return list(scope.expression.selects) if isinstance(scope.expression, exp.Query) else []
