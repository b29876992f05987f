"""Checks of sensor rules: the columns of a contract's ``sensors``, and the elements of ``pairs``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location, sub_location
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.sensor_rules import SensorRules, ValuePair
from citylake.schemas.read.contract_columns import contract_columns, elements_by_column
from citylake.schemas.read.element_pairs import PAIRS_FOLDER, read_pairs_file
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.read.sensor_series_plan import measured_columns, plan_series
from citylake.schemas.words.errors import CitylakeError

Mention = tuple[tuple[str | int, ...], str]


def check_sensors(registry: Registry) -> Iterator[LintFault]:
    """COLUMN_UNKNOWN, SENSORS_INCOMPLETE, PAIRS_UNREADABLE, ELEMENT_UNKNOWN and PAIR_UNITS_DIFFER."""
    unreadable = False
    for path in registry.workspace.files(PAIRS_FOLDER):
        try:
            pairs = read_pairs_file(path)
        except CitylakeError as error:
            unreadable = True
            yield LintFault(error.code, YamlLocation(path), error.values)
        else:
            yield from _pair_faults(path, pairs, registry)
    for contract in registry.contracts.values():
        if contract.sensors:
            yield from _column_faults(contract, contract.sensors, registry)
            if not unreadable and plan_series(contract, registry) is None:
                yield _incomplete(contract, contract.sensors, registry)


def _pair_faults(path: Path, pairs: list[ValuePair], registry: Registry) -> Iterator[LintFault]:
    for number, pair in enumerate(pairs):
        unknown = [name for name in pair.names if name not in registry.elements]
        # A pack's pairs may name elements of a pack that this workspace does not use.
        for name in unknown if path.is_relative_to(registry.workspace.root) else ():
            near = {"name": name, "suggestion": nearest_elements(name, registry)}
            yield LintFault("ELEMENT_UNKNOWN", YamlLocation(path, (number,)), near)
        if pair.lesser and not unknown:
            units = [registry.elements[name].unit for name in pair.names]
            if units[0] != units[1]:
                differing = {"lesser": pair.lesser, "greater": pair.greater, "unit": units[0], "other": units[1]}
                yield LintFault("PAIR_UNITS_DIFFER", YamlLocation(path, (number,)), differing)


def _column_faults(contract: Contract, rules: SensorRules, registry: Registry) -> Iterator[LintFault]:
    columns = contract_columns(contract, registry)
    place = contract_location(registry, contract.dataset)
    for keys, column in _mentions(rules) if columns is not None else ():
        if column not in (columns or ()):
            where = ".".join(str(key) for key in keys)
            values = {"column": column, "where": where, "suggestion": nearest_words(column, sorted(columns or ()))}
            yield LintFault("COLUMN_UNKNOWN", sub_location(place, *keys), values)


def _mentions(rules: SensorRules) -> Iterator[Mention]:
    for name in ("entity", "values"):
        yield from ((("sensors", name, number), column) for number, column in enumerate(getattr(rules, name)))
    if rules.time:
        yield ("sensors", "time"), rules.time
    for number, pair in enumerate(rules.pairs):
        yield from ((("sensors", "pairs", number), column) for column in pair.names)
    siblings = rules.tests.siblings
    if siblings and siblings.group:
        yield ("sensors", "tests", "siblings", "group"), siblings.group


def _incomplete(contract: Contract, rules: SensorRules, registry: Registry) -> LintFault:
    elements = elements_by_column(contract, registry)
    times = [name for name in contract.write.key if name in elements and elements[name].type == "datetime"]
    found = {
        "entity": bool(rules.entity or contract.write.key),
        "time": bool(rules.time or len(times) == 1),
        "values": bool(rules.values or measured_columns(contract, elements, (*rules.entity, *contract.write.key))),
        "write": contract.write.mode != "snapshot",
    }
    missing = ", ".join(name for name, known in found.items() if not known) or "entity"
    place = contract_location(registry, contract.dataset, "sensors")
    return LintFault("SENSORS_INCOMPLETE", place, {"dataset": contract.dataset, "missing": missing})
