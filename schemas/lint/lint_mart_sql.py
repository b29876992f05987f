"""Checks of the SQL of marts: it is one SELECT that reads nothing but tables of the lake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from citylake.schemas.base.fuzzy_match import FEW_WORDS, nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.sql.outside_access import outside_functions
from citylake.schemas.sql.sql_columns import readable_tables, select_error

_WRITTEN = ("_mart", "_incomplete")
"""Tables that every published file has."""


def check_mart_sql(registry: Registry) -> Iterator[LintFault]:
    """MART_SQL_OUTSIDE for every table and check, and faults of the checks' SELECTs."""
    for mart in registry.marts.values():
        place = registry.places["mart", mart.mart]
        for name, table in mart.tables.items():
            yield from _outside_of_file(place.path.parent / f"{name}.sql", registry)
            for number, check in enumerate(table.checks):
                here = sub_location(place, "tables", name, "checks", number, "sql")
                yield from _select_faults(mart, f"SELECT count(*) FROM {name} WHERE …", check.sql, here, registry)


def check_questions(registry: Registry) -> Iterator[LintFault]:
    """MART_QUESTION_TWICE, and the same faults of the questions' SELECTs."""
    for mart in registry.marts.values():
        yield from _question_faults(mart, registry.places["mart", mart.mart], registry)


def _question_faults(mart: Mart, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    seen: set[str] = set()
    for number, question in enumerate(mart.questions):
        here = sub_location(place, "questions", number)
        if question.id in seen:
            yield LintFault("MART_QUESTION_TWICE", sub_location(here, "id"), {"question": question.id})
        seen.add(question.id)
        shape = f"SELECT … FROM {next(iter(mart.tables))}"
        yield from _select_faults(mart, shape, question.sql, sub_location(here, "sql"), registry)


def _outside_of_file(path: Path, registry: Registry) -> Iterator[LintFault]:
    if not path.exists():
        return
    select = path.read_text(encoding="utf-8", errors="replace")
    for function in sorted(outside_functions(select)):
        call = re.compile(rf"\b{re.escape(function)}\s*\(", re.IGNORECASE)
        line = next((number for number, text in enumerate(select.splitlines(), 1) if call.search(text)), 1)
        yield LintFault("MART_SQL_OUTSIDE", YamlLocation(path), _outside_values(path, function, registry), line)


def _outside_values(path: Path, function: str, registry: Registry) -> dict[str, object]:
    return {"file": path.name, "function": function, "suggestion": sorted(registry.contracts)[:FEW_WORDS]}


def _select_faults(mart: Mart, shape: str, select: str, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    if reason := select_error(select):
        yield LintFault("MART_CHECK_NOT_SELECT", place, {"mart": mart.mart, "reason": reason, "suggestion": shape})
        return
    for function in sorted(outside_functions(select)):
        yield LintFault("MART_SQL_OUTSIDE", place, _outside_values(place.path, function, registry))
    known = [*mart.tables, *_WRITTEN]
    for parts in sorted(readable_tables(select)):
        if parts[-1] not in known:
            near = nearest_words(".".join(parts), known)
            yield LintFault("MART_CHECK_TABLE", place, {"name": ".".join(parts), "suggestion": near})
