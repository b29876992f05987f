"""Writes the empty grouping set, the total, as a SELECT of its own.

Over no rows at all, DuckDB and Sail give one row for it and Apache Spark none. A SELECT without GROUP BY has one row
on each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from sqlglot import exp

Keys = tuple[exp.Expr, ...]


def write_totals_apart(tree: exp.Expr) -> exp.Expr:
    """Return ``tree``, bound and typed, in which no GROUP BY has an empty grouping set."""
    for group in reversed(list(tree.find_all(exp.Group))):
        select = group.parent
        if isinstance(select, exp.Select) and (sets := _grouping_sets(group)) is not None and () in sets:
            made = _united(select, [one for one in sets if one != ()], sets.count(()))
            if made is not None:
                tree = made if select is tree else tree
                if made is not tree:
                    select.replace(made)
    return tree


def has_total(group: exp.Group) -> bool:
    """Whether a GROUP BY has an empty grouping set, or several lists of sets, which may make one together."""
    return len(_forms(group)) > 1 or () in (_grouping_sets(group) or [])


def _grouping_sets(group: exp.Group) -> list[Keys] | None:
    """Every set of keys; None where there is only one, or where several lists of them are multiplied."""
    forms = _forms(group)
    if len(forms) != 1:
        return None
    plain = tuple(one for one in group.expressions if one not in forms)
    return [(*plain, *keys) for keys in _sets(forms[0])]


def _forms(group: exp.Group) -> list[exp.Expr]:
    return [one for one in group.expressions if isinstance(one, exp.GroupingSets | exp.Rollup | exp.Cube)]


def _sets(form: exp.Expr) -> Iterator[Keys]:
    keys = [_keys(one) for one in form.expressions]
    if isinstance(form, exp.Rollup):
        for length in range(len(keys), -1, -1):
            yield _joined(keys[:length])
    elif isinstance(form, exp.Cube):
        for length in range(len(keys), -1, -1):
            yield from (_joined(chosen) for chosen in combinations(keys, length))
    else:
        for one in form.expressions:
            yield from _sets(one) if isinstance(one, exp.Rollup | exp.Cube | exp.GroupingSets) else [_keys(one)]


def _keys(one: exp.Expr) -> Keys:
    if isinstance(one, exp.Tuple):
        return tuple(one.expressions)
    return (one.this,) if isinstance(one, exp.Paren) else (one,)


def _joined(parts: Sequence[Keys]) -> Keys:
    return tuple(key for part in parts for key in part)


def _united(select: exp.Select, sets: list[Keys], totals: int) -> exp.Expr | None:
    """The groups and the total; None where both are looked at together, or nothing makes the total one row."""
    if any(select.args.get(name) for name in ("order", "limit", "offset", "distinct", "qualify", "windows")):
        return None
    if any(one.find(exp.Window) for one in select.selects):
        return None
    if not any(
        isinstance(node, exp.AggFunc) and not _is_grouping(node) for one in select.selects for node in one.walk()
    ):
        return None
    keys = [key for one in sets for key in one]
    with_ = select.args.get("with_")
    total = _without_keys(select, keys)
    parts: list[exp.Expr] = [total.copy() for _ in range(totals)]
    if sets:
        groups = select.copy()
        groups.set("with_", None)
        tuples = [exp.Tuple(expressions=[key.copy() for key in one]) for one in sets]
        groups.set("group", exp.Group(expressions=[exp.GroupingSets(expressions=tuples)]))
        parts.insert(0, groups)
    made = parts[0]
    for part in parts[1:]:
        made = exp.Union(this=made, expression=part, distinct=False)
    made.set("with_", with_.copy() if with_ is not None else None)
    return made


def _without_keys(select: exp.Select, keys: Sequence[exp.Expr]) -> exp.Select:
    """The SELECT without GROUP BY: outside of aggregates, a key is null, and ``grouping`` of it is 1."""
    made = select.copy()
    made.set("with_", None)
    made.set("group", None)
    for place in (*made.selects, *([made.args["having"]] if made.args.get("having") else [])):
        for node in list(place.walk(prune=lambda one: isinstance(one, exp.AggFunc) and not _is_grouping(one))):
            if _is_grouping(node):
                node.replace(exp.Literal.number(2 ** max(1, len(node.expressions)) - 1))
            elif node in keys and not _within(node):
                null = exp.Cast(this=exp.Null(), to=(node.type or exp.DataType.build("text")).copy())
                null.type = node.type
                node.replace(null)
    return made


def _is_grouping(node: exp.Expr) -> bool:
    return isinstance(node, exp.Grouping | exp.GroupingId)


def _within(node: exp.Expr) -> bool:
    """Whether ``node`` stands in an aggregate, or in a subquery, where it is that of the rows."""
    return node.find_ancestor(exp.AggFunc, exp.Subquery) is not None
