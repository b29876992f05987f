"""Tells casts apart for Sail, which names an aggregate or group without them: ``sum(i)`` and ``sum(i::DOUBLE)``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from sqlglot import exp

NAMED: Final = "cast_by_name"
"""In the meta of a cast: its type has to be in its text, other than as that of a cast."""


def name_casts(bound: exp.Expr) -> None:
    """Mark the casts of every SELECT in which two aggregates, or two groups, differ by them alone."""
    for select in bound.find_all(exp.Select):
        named = sorted((_without_casts(one), one.sql("duckdb")) for one in _named(select))
        if any(len({text for _, text in same}) > 1 for _, same in groupby(named, key=lambda pair: pair[0])):
            for node in _own(select):
                if isinstance(node, exp.Cast):
                    node.meta[NAMED] = True


def _named(select: exp.Select) -> Iterator[exp.Expr]:
    """The aggregates of groups, with their FILTER, and the groups."""
    group = select.args.get("group")
    yield from group.expressions if group else ()
    for node in _own(select):
        if isinstance(node, exp.AggFunc):
            yield node.parent if isinstance(node.parent, exp.Filter) else node


def _own(select: exp.Select) -> Iterator[exp.Expr]:
    """The nodes of a SELECT, without those of its windows and of queries in it."""
    for part in (*select.selects, *(select.args.get(name) for name in ("group", "having", "order", "qualify"))):
        if part is not None:
            yield from part.walk(prune=lambda node: isinstance(node, exp.Query))


def _without_casts(node: exp.Expr) -> str:
    plain = exp.Paren(this=node.copy())
    for cast in reversed(list(plain.find_all(exp.Cast))):
        cast.replace(cast.this)
    return plain.sql("duckdb")
