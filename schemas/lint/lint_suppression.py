"""Checks of ``suppress`` in a mart: what it names exists, and no table gives away what another one hides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.mart import Mart, MartTable
from citylake.schemas.model.suppression import Suppression, flag_column
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.sql.sql_columns import readable_tables


def check_suppression(registry: Registry) -> Iterator[LintFault]:
    """COLUMN_UNKNOWN and the faults SUPPRESS_… of every mart."""
    for mart in registry.marts.values():
        for name, table in mart.tables.items():
            place = sub_location(registry.places["mart", mart.mart], "tables", name)
            if table.suppress:
                here = sub_location(place, "suppress")
                yield from _unknown_columns(name, table, table.suppress, here)
                yield from _counts(table, table.suppress, here, registry)
                yield from _dimensions(table, table.suppress, here)
                yield from _undecided(name, table, table.suppress, here)
                yield from _level(mart, name, table, table.suppress, here)
            yield from _unlinked(mart, name, table, place, registry)
            yield from _readers(mart, name, table, place, registry)


def _unknown_columns(name: str, table: MartTable, rule: Suppression, place: YamlLocation) -> Iterator[LintFault]:
    named = {
        "columns": rule.columns,
        "over": rule.over,
        "totals": rule.totals,
        "also": rule.also,
        "keep": rule.keep,
        "part_of": (*rule.part_of, *rule.part_of.values()),
    }
    for key, columns in named.items():
        for column in columns:
            if column not in table.columns:
                where = f"{name}.suppress.{key}"
                values = {"column": column, "where": where, "suggestion": nearest_words(column, table.columns)}
                yield LintFault("COLUMN_UNKNOWN", sub_location(place, key), values)


def _counts(table: MartTable, rule: Suppression, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    for column in rule.columns:
        declared = table.columns.get(column)
        element = registry.elements.get(declared.element) if declared and declared.element else None
        if column in table.grain or (element and element.type != "integer"):
            counts = [name for name in table.columns if name not in table.grain]
            values = {"column": column, "suggestion": ", ".join(counts)}
            yield LintFault("SUPPRESS_NOT_A_COUNT", sub_location(place, "columns"), values)
        if flag_column(column) in table.columns:
            values = {"column": flag_column(column), "count": column}
            yield LintFault("SUPPRESS_FLAG_TAKEN", sub_location(place, "columns"), values)
    for column in {*rule.part_of, *rule.part_of.values()} - {*rule.columns}:
        if column in table.columns:
            values = {"column": column, "suggestion": ", ".join(rule.columns)}
            yield LintFault("SUPPRESS_NOT_A_COUNT", sub_location(place, "part_of"), values)


def _dimensions(table: MartTable, rule: Suppression, place: YamlLocation) -> Iterator[LintFault]:
    for key, columns, known in (("over", rule.over, table.grain), ("totals", rule.totals, rule.over)):
        for column in columns:
            if column not in known and column in table.columns:
                values = {"column": column, "key": key, "suggestion": ", ".join(known)}
                yield LintFault("SUPPRESS_NOT_A_DIMENSION", sub_location(place, key), values)


def _undecided(name: str, table: MartTable, rule: Suppression, place: YamlLocation) -> Iterator[LintFault]:
    decided = {*table.grain, *rule.columns, *rule.also, *rule.keep}
    left = [column for column in table.columns if column not in decided]
    if left:
        values = {"table": name, "columns": ", ".join(left), "suggestion": f"also: [{', '.join(left)}]"}
        yield LintFault("SUPPRESS_COLUMN_UNDECIDED", place, values)


def _level(mart: Mart, name: str, table: MartTable, rule: Suppression, place: YamlLocation) -> Iterator[LintFault]:
    if rule.level_of is None:
        return
    here = sub_location(place, "level_of")
    finest = mart.tables.get(rule.level_of)
    if finest is None or finest.suppress is None or finest.suppress.level_of or rule.level_of == name:
        roots = [each for each, other in mart.tables.items() if other.suppress and not other.suppress.level_of]
        others = ", ".join(each for each in roots if each != name)
        values = {"table": name, "level": rule.level_of, "suggestion": others}
        yield LintFault("SUPPRESS_LEVEL_UNKNOWN", here, values)
        return
    for reason in _level_differences(table, rule, finest, finest.suppress):
        yield LintFault("SUPPRESS_LEVEL_DIFFERS", here, {"table": name, "level": rule.level_of, "columns": reason})


def _level_differences(table: MartTable, rule: Suppression, finest: MartTable, other: Suppression) -> Iterator[str]:
    """Yield what keeps the rows of ``table`` from being sums of rows of ``finest``."""
    missing = [column for column in table.grain if column not in finest.columns]
    missing += [column for column in rule.columns if column not in other.columns]
    fixed = [column for column in finest.grain if column not in (*table.grain, *other.over)]
    if missing or fixed:
        yield ", ".join((*missing, *fixed))
    if (rule.threshold, rule.zeros) != (other.threshold, other.zeros):
        yield "threshold, zeros"


def _family(mart: Mart, name: str) -> str:
    rule = mart.tables[name].suppress
    return rule.level_of or name if rule else ""


def _unlinked(mart: Mart, name: str, table: MartTable, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    """A table that publishes a count which an earlier or later table hides, and is not said to be a level of it."""
    for other_name, other in mart.tables.items():
        if other_name == name or other.suppress is None or _family(mart, name) == _family(mart, other_name):
            continue
        both_hide = table.suppress is not None
        if both_hide and other_name > name:
            continue  # One fault for the two.
        shared = sorted(_same_counts(table, other, other.suppress.columns))
        if shared:
            values = {"table": name, "other": other_name, "columns": ", ".join(shared), "suggestion": other_name}
            yield LintFault("SUPPRESS_UNLINKED", sub_location(place, "columns", shared[0]), values)


def _same_counts(table: MartTable, other: MartTable, counts: Iterable[str]) -> Iterator[str]:
    """Yield the columns of ``table`` that have the name or the element of a hidden count."""
    elements = {other.columns[column].element for column in counts if column in other.columns} - {None}
    for column, declared in table.columns.items():
        if column not in table.grain and (column in counts or declared.element in elements):
            yield column


def _readers(mart: Mart, name: str, table: MartTable, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    """A table without ``suppress`` that reads one with it: it reads the exact counts."""
    path = place.path.parent / f"{name}.sql"
    if table.suppress or not path.exists():
        return
    for parts in sorted(readable_tables(path.read_text(encoding="utf-8", errors="replace"))):
        source = parts if len(parts) == 3 else ("mart", mart.mart, *parts)
        owner = registry.marts.get(source[1]) if len(source) == 3 and source[0] == "mart" else None
        read = owner.tables.get(source[2]) if owner else None
        if read and read.suppress:
            values = {"table": name, "read": ".".join(parts), "suggestion": "suppress"}
            yield LintFault("SUPPRESS_READ_EXACTLY", place, values)
