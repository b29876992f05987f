"""Checks of marts: files, elements, sensitivity, and the columns that the SELECTs return."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.element import DataElement, Sensitivity
from citylake.schemas.model.mart import Mart, MartColumn, MartTable
from citylake.schemas.model.sensitivity_level import sensitivity_level
from citylake.schemas.read.contract_columns import contract_columns
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.sql.sql_columns import readable_tables, select_columns, select_error
from citylake.schemas.units import nearest_units, resolve_unit
from citylake.schemas.words.errors import CitylakeError


def check_marts(registry: Registry) -> Iterator[LintFault]:
    """Every fault of every mart."""
    yield from _of_base(registry)
    for mart in registry.marts.values():
        place = registry.places["mart", mart.mart]
        yield from _files(mart, place)
        for name, table in mart.tables.items():
            here = sub_location(place, "tables", name)
            yield from _columns(mart, table, here, registry)
            yield from _grain(name, table, here)
            yield from _select(name, table, here)
            yield from _sources(mart, place.path.parent / f"{name}.sql", registry)
        yield from _optional(mart, place, registry)


def _of_base(registry: Registry) -> Iterator[LintFault]:
    known = [folder.name for folder in registry.workspace.base_marts()]
    place = YamlLocation(registry.workspace.root / "workspace.yaml", ("marts",))
    for name in registry.workspace.settings.marts:
        if not any(fnmatchcase(each, name) for each in known):
            yield LintFault("BASE_MART_UNKNOWN", place, {"mart": name, "suggestion": nearest_words(name, known)})


def _files(mart: Mart, place: YamlLocation) -> Iterator[LintFault]:
    for path in sorted(place.path.parent.glob("*.sql")):
        if path.stem not in mart.tables:
            values = {"file": path.name, "mart": mart.mart, "suggestion": nearest_words(path.stem, mart.tables)}
            yield LintFault("MART_SQL_EXTRA", YamlLocation(path), values, 1)


def _columns(mart: Mart, table: MartTable, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    for name, column in table.columns.items():
        here = sub_location(place, "columns", name)
        element = registry.elements.get(column.element) if column.element else None
        if column.element and element is None:
            values = {"name": column.element, "suggestion": nearest_elements(column.element, registry)}
            yield LintFault("ELEMENT_UNKNOWN", sub_location(here, "element"), values)
        if column.unit and not _is_unit(column.unit):
            values = {"unit": column.unit, "suggestion": ", ".join(nearest_units(column.unit))}
            yield LintFault("UNIT_UNKNOWN", sub_location(here, "unit"), values)
        if element:
            yield from _sensitive(mart, name, element, here)
        elif column == MartColumn():
            near = nearest_elements(name, registry)
            yield LintFault("COLUMN_WITHOUT_MEANING", here, {"column": name, "suggestion": near})


def _is_unit(text: str) -> bool:
    try:
        return bool(resolve_unit(text))
    except CitylakeError:
        return False


def _sensitive(mart: Mart, name: str, element: DataElement, place: YamlLocation) -> Iterator[LintFault]:
    own, highest = element.sensitivity, mart.highest
    level, limit = sensitivity_level(own), sensitivity_level(highest)
    values = {"column": name, "element": element.id, "mart": mart.mart}
    if level.grade > limit.grade:
        grades = {"grade": own.grade, "highest": highest.grade, "suggestion": f"highest: {{grade: {own.grade}}}"}
        yield LintFault("GRADE_TOO_HIGH", place, values | grades)
    if level.openness > limit.openness or level.personal > limit.personal:
        yield LintFault(
            "OPENNESS_TOO_LOW", place, values | {"own": _sensitivity_text(own), "highest": _sensitivity_text(highest)}
        )


def _sensitivity_text(sensitivity: Sensitivity) -> str:
    return f"{sensitivity.openness}/{sensitivity.personal}"


def _grain(name: str, table: MartTable, place: YamlLocation) -> Iterator[LintFault]:
    keyed = [("grain", column) for column in table.grain] + ([("day", table.day)] if table.day else [])
    for key, column in keyed:
        if column not in table.columns:
            values = {"column": column, "where": f"{name}.{key}", "suggestion": nearest_words(column, table.columns)}
            yield LintFault("COLUMN_UNKNOWN", sub_location(place, key), values)


def _select(name: str, table: MartTable, place: YamlLocation) -> Iterator[LintFault]:
    path: Path = place.path.parent / f"{name}.sql"
    if not path.exists():
        near = nearest_words(name, (each.stem for each in path.parent.glob("*.sql")))
        yield LintFault("MART_SQL_MISSING", place, {"table": name, "file": path.name, "suggestion": near})
        return
    select = path.read_text(encoding="utf-8", errors="replace")
    if reason := select_error(select):
        yield LintFault("MART_SQL_UNREADABLE", YamlLocation(path), {"file": path.name, "reason": reason}, 1)
        return
    made, declared = select_columns(select), list(table.columns)
    if made is not None and set(made) != set(declared):
        missing = [column for column in declared if column not in made]
        extra = [column for column in made if column not in declared]
        values = {"table": name, "missing": missing or "–", "extra": extra or "–", "suggestion": made}
        yield LintFault("MART_COLUMNS_DIFFER", sub_location(place, "columns"), values)


def _optional(mart: Mart, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    """Columns of optional datasets: each has an element, and exists if the dataset does."""
    for dataset, columns in mart.optional.items():
        contract = registry.contracts.get(dataset)
        known = contract_columns(contract, registry) if contract else None
        for column, element in columns.items():
            here = sub_location(place, "optional", dataset, column)
            if element not in registry.elements:
                yield LintFault(
                    "ELEMENT_UNKNOWN", here, {"name": element, "suggestion": nearest_elements(element, registry)}
                )
            if known is not None and column not in known:
                values = {"column": column, "where": f"optional.{dataset}", "suggestion": nearest_words(column, known)}
                yield LintFault("COLUMN_UNKNOWN", here, values)


def _sources(mart: Mart, path: Path, registry: Registry) -> Iterator[LintFault]:
    if not path.exists():
        return
    foreign = {("mart", name, table) for name, other in registry.marts.items() for table in other.tables}
    links = (entity.table for entity in registry.entities.values())
    datasets = {tuple(name.split(".")) for name in (*registry.contracts, *mart.optional, *links)}
    known = foreign | {(table,) for table in mart.tables} | datasets
    select = path.read_text(encoding="utf-8", errors="replace")
    for parts in sorted(readable_tables(select) - known):
        name = ".".join(parts)
        line = next((number for number, text in enumerate(select.splitlines(), 1) if name in text), 1)
        near = nearest_words(name, (".".join(each) for each in sorted(known)))
        values = {"file": path.name, "line": line, "name": name, "suggestion": near}
        yield LintFault("MART_TABLE_UNKNOWN", YamlLocation(path), values, line)
