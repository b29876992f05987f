"""The SELECT of a mart table, which is written in DuckDB's dialect, in Spark's."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

    from citylake.pipelines.marts.spark.select_writer import SparkFunction

Shapes = Mapping[tuple[str, ...], Mapping[str, str]]
"""Name of an input as its parts → column → DuckDB type."""


@dataclass(frozen=True, slots=True)
class Untranspiled:
    """An expression that has no known equivalent in Spark. ``line``: from 1."""

    text: str
    why: str
    line: int


@dataclass(frozen=True, slots=True)
class SparkSelect:
    """A SELECT for Spark. ``views``: input → name of the temporary view that it reads."""

    sql: str
    views: Mapping[tuple[str, ...], str]
    refused: tuple[Untranspiled, ...] = ()


def transpile_select(sql: str, shapes: Shapes, timezone: str, functions: Mapping[str, SparkFunction]) -> SparkSelect:
    """Return ``sql`` for Spark, over views of the inputs ``shapes``.

    ``functions``: mart functions that Spark can compute, by name in small letters. What has no known equivalent is in
    ``refused``; the SQL is then not to be run. Raises sqlglot's errors if the SELECT is not one.
    """
    from sqlglot import parse_one

    from citylake.pipelines.marts.spark.cast_names import name_casts
    from citylake.pipelines.marts.spark.doubles import cast_beside_doubles, count_one_zero
    from citylake.pipelines.marts.spark.select_types import bind_types
    from citylake.pipelines.marts.spark.select_writer import SelectWriter
    from citylake.pipelines.marts.spark.subqueries import unwritable_subqueries
    from citylake.pipelines.marts.spark.times_of_day import type_literals
    from citylake.pipelines.marts.spark.totals import write_totals_apart

    views = {parts: f"in_{number}" for number, parts in enumerate(sorted(shapes))}
    tree = parse_one(sql, dialect="duckdb")
    _name_views(tree, views)
    _expand_group_by_all(tree)
    bound = bind_types(tree, {views[parts]: dict(shape) for parts, shape in shapes.items()})
    _mark_stored(bound, set(views.values()))
    type_literals(bound)
    cast_beside_doubles(bound)
    count_one_zero(bound)
    name_casts(bound)
    writer = SelectWriter(timezone, functions)
    for node, why in unwritable_subqueries(bound):
        writer.refuse(node, why)
    text = writer.generate(write_totals_apart(bound))
    refused = {_untranspiled(node, why) for node, why in writer.refused}
    refused |= {Untranspiled(message, "sqlglot", 1) for message in writer.unsupported_messages}
    return SparkSelect(text, views, tuple(sorted(refused, key=lambda one: (one.line, one.text))))


def _name_views(tree: exp.Expr, views: Mapping[tuple[str, ...], str]) -> None:
    """Let every table that is no CTE be read from its view, with the alias that it has, or had by its name."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import traverse_scope

    for scope in traverse_scope(tree):
        for table in scope.tables:
            parts = tuple(part.name for part in table.parts)
            if parts in views and not (len(parts) == 1 and parts[0] in scope.cte_sources):
                alias = table.alias or parts[-1]
                table.set("db", None)
                table.set("catalog", None)
                table.set("this", exp.to_identifier(views[parts], quoted=True))
                table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))


def _expand_group_by_all(tree: exp.Expr) -> None:
    """``GROUP BY ALL`` names every column that is no aggregate."""
    from sqlglot import exp

    for group in list(tree.find_all(exp.Group)):
        if group.args.get("all") and isinstance(group.parent, exp.Select):
            columns = [one.unalias() for one in group.parent.selects]
            # A number would be the place of a column. Without keys, all rows are one group, even where there are none.
            keys = [one.copy() for one in columns if not (_aggregates(one) or isinstance(one, exp.Literal))]
            group.parent.set("group", exp.Group(expressions=keys) if keys else None)


def _aggregates(column: exp.Expr) -> bool:
    """Whether a column has an aggregate, other than those of its subqueries."""
    from sqlglot import exp

    walked = column.walk(prune=lambda inner: isinstance(inner, exp.Query))
    return any(isinstance(node, exp.AggFunc) for node in walked)


def _mark_stored(bound: exp.Expr, views: Set[str]) -> None:
    """Mark every column that an input stores."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import traverse_scope

    from citylake.pipelines.marts.spark.doubles import STORED

    for scope in traverse_scope(bound):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table) and source.name in views:
                column.meta[STORED] = True


def _untranspiled(node: exp.Expr, why: str) -> Untranspiled:
    lines = [int(part.meta["line"]) for part in node.walk() if part.meta.get("line")]
    text = " ".join(node.sql("duckdb").split())
    return Untranspiled(text if len(text) <= 80 else f"{text[:79]}…", why, min(lines, default=1))
