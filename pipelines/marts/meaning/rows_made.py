"""Rows that are rows of their own: of a GROUP BY, a DISTINCT, a UNION or a second reading of a WITH."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from citylake.pipelines.marts.meaning.column_fact import Fact, Source
from citylake.pipelines.marts.meaning.row_facts import Origin, Rows


def own_rows(
    number: int, name: str, columns: Sequence[Fact], keys: Iterable[frozenset[int]], *, changed: Iterable[int] = ()
) -> Rows:
    """Return rows of a new origin. ``keys``: places of columns; ``changed``: places of columns with other values."""
    names = _names(columns)
    sources = [(number, each) for each in names]
    renamed = {fact.source: source for fact, source in zip(columns, sources, strict=True) if fact.source}
    found = [_own(fact, source, renamed) for fact, source in zip(columns, sources, strict=True)]
    for place in changed:
        found[place] = replace(found[place], temporal=False)
    times = frozenset(source for fact, source in zip(found, sources, strict=True) if fact.temporal)
    made = tuple(frozenset(sources[place] for place in key) for key in keys)
    return Rows(tuple(found), {number: Origin(name, frozenset(sources), made, times)})


def renumbered(rows: Rows, number: Callable[[], int]) -> Rows:
    """Return the same rows with origins of their own: a table that is read twice."""
    numbers = {old: number() for old in rows.origins}

    def one(source: Source) -> Source:
        return numbers.get(source[0], source[0]), source[1]

    def many(sources: frozenset[Source]) -> frozenset[Source]:
        return frozenset(map(one, sources))

    def moved(fact: Fact) -> Fact:
        return replace(
            fact,
            source=one(fact.source) if fact.source else None,
            edition=one(fact.edition) if fact.edition else None,
            depends=None if fact.depends is None else many(fact.depends),
            carries=many(fact.carries),
            parts=tuple((name, moved(part)) for name, part in fact.parts),
            chosen_by=None if fact.chosen_by is None else many(fact.chosen_by),
        )

    origins = {
        numbers[old]: Origin(
            each.name, many(each.columns), tuple(map(many, each.keys)), many(each.times), many(each.versions)
        )
        for old, each in rows.origins.items()
    }
    dependencies = tuple((many(needed), one(target)) for needed, target in rows.dependencies)
    return Rows(tuple(map(moved, rows.columns)), origins, dependencies)


def _own(fact: Fact, source: Source, renamed: dict[Source, Source]) -> Fact:
    itself = frozenset({source})
    edition = renamed.get(fact.edition) if fact.edition else None
    return replace(fact, source=source, edition=edition, depends=itself, carries=itself, constant=None, chosen_by=None)


def _names(columns: Sequence[Fact]) -> list[str]:
    found: list[str] = []
    for place, fact in enumerate(columns):
        found.append(fact.name if fact.name and fact.name not in found else f"{fact.name or 'column'}:{place}")
    return found
