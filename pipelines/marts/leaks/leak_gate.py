"""The gate: what of a mart's SELECTs and texts must not be published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from citylake.pipelines.marts.leaks.differencing import check_differences
from citylake.pipelines.marts.leaks.flows import Flow
from citylake.pipelines.marts.leaks.mart_leaks import LeakReader, TableLeaks
from citylake.pipelines.marts.leaks.published_texts import check_texts
from citylake.pipelines.marts.plan.mart_binder import BoundMart, MartBinder
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.sensitivity_level import SensitivityLevel, sensitivity_level
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.words.errors import CitylakeError

LEAST_GROUP: Final = 3
"""Two sums tell the values of a group of two."""
_PATHS: Final = 3


def check_leaks(binder: MartBinder, marts: Iterable[str]) -> Iterator[LintFault]:
    """Yield every path by which a value above the highest sensitivity of one of ``marts`` would be published.

    A mart or table that cannot be bound is left out: the gate of types reports it, and it does not run.
    """
    reader = LeakReader(binder)
    seen = set[YamlLocation]()
    for name in marts:
        mart, place = binder.registry.marts[name], binder.registry.places["mart", name]
        if mart.minimum_group < LEAST_GROUP:
            values = {"mart": name, "least": mart.minimum_group, "smallest": LEAST_GROUP}
            yield LintFault("MART_GROUP_TOO_SMALL", sub_location(place, "minimum_group"), values)
        try:
            bound = binder.bind_mart(name)
        except CitylakeError:
            continue
        highest = sensitivity_level(mart.highest)
        found = reader.mart(bound, highest)
        for table, leaks in found.items():
            yield from _of_table(bound, table, leaks, highest, binder.registry)
        yield from check_differences(bound, found, reader.foreign(bound, highest))
        yield from check_texts(bound, binder.registry, seen)


def _of_table(
    bound: BoundMart, table: str, leaks: TableLeaks, highest: SensitivityLevel, registry: Registry
) -> Iterator[LintFault]:
    reported = _reported(bound.mart, table, highest, registry)
    for column, flows in leaks.columns.items():
        for flow in _one_each(flows):
            if column not in reported:
                yield _fault(bound, table, column, flow, highest)


def _reported(mart: Mart, table: str, highest: SensitivityLevel, registry: Registry) -> set[str]:
    """Columns whose own element is above the mart's highest: that is reported at their declaration already."""
    elements = {name: registry.elements.get(each.element or "") for name, each in mart.tables[table].columns.items()}
    return {name for name, each in elements.items() if each and sensitivity_level(each.sensitivity).exceeds(highest)}


def _one_each(flows: Iterable[Flow]) -> list[Flow]:
    """One path from each source, the shortest one; of a whole row, those from the most sensitive sources."""
    found = dict[str, Flow]()
    for each in sorted(flows, key=lambda flow: (len(flow.steps), flow.steps, flow.shape)):
        found.setdefault(str(each.source), each)
    return sorted(found.values(), key=lambda flow: ([-rank for rank in flow.level], str(flow.source)))[:_PATHS]


def _fault(bound: BoundMart, table: str, column: str, flow: Flow, highest: SensitivityLevel) -> LintFault:
    file = bound.plans[table].file
    line = flow.line or source_line(bound, table, flow)
    values: Mapping[str, object] = {
        "table": table,
        "column": column,
        "path": path_text(column or table, flow),
        "source": str(flow.source),
        "mart": bound.mart.mart,
        "highest": str(highest),
        "smallest": bound.mart.minimum_group,
    }
    code = "MART_LEAK_GROUP" if flow.held else "MART_LEAK_COLUMN" if column else "MART_LEAK_ROWS"
    return LintFault(code, YamlLocation(file), values, line)


def path_text(end: str, flow: Flow) -> str:
    """``who ← substr ← social.insured.person_name [L3, conditional, ordinary]``."""
    return " ← ".join([end, *reversed(flow.steps), f"{flow.source} [{flow.level}]"])


def source_line(bound: BoundMart, table: str, flow: Flow) -> int:
    """The first line that names the source's column, or its table; else the first line."""
    lines = bound.plans[table].sql.splitlines()
    for word in (flow.source.name, flow.source.table):
        named = re.compile(rf"(?<![\w.]){re.escape(word)}(?!\w)|\.{re.escape(word)}(?!\w)")
        for number, text in enumerate(lines, 1):
            if named.search(text):
                return number
    return 1
