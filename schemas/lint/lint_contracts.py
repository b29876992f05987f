"""Checks of the parts of a contract that name columns: key, partition, references, expectations, rules, zones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from zoneinfo import available_timezones

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.lint_issues import placeholders_differ
from citylake.schemas.lint.nearest_zones import nearest_zones
from citylake.schemas.lint.yaml_location import contract_location, sub_location
from citylake.schemas.model.binding_words import ZoneFrom
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.contract_rule import ContractRule
from citylake.schemas.model.element import is_categorical
from citylake.schemas.notation.zone_kinds import opposite_offset_zone
from citylake.schemas.read.contract_columns import contract_columns, elements_by_column, row_columns
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.sql.sql_columns import condition_columns
from citylake.schemas.words.message_catalogue import issue_types

_OWN = ("_batch", "_receipt", "_row", "_source", "_day", "_warnings", "_refused")
ColumnMention = tuple[tuple[str | int, ...], str]


def check_contracts(registry: Registry) -> Iterator[LintFault]:
    """Every fault of every contract beyond its bindings."""
    space = registry.workspace
    yield from _zone(space.settings.timezone, YamlLocation(space.root / "workspace.yaml", ("timezone",)))
    for contract in registry.contracts.values():
        place = contract_location(registry, contract.dataset)
        columns, made = contract_columns(contract, registry), row_columns(contract, registry)
        yield from _unknown(_row_mentions(contract), made, place)
        yield from _unknown(_column_mentions(contract), columns, place)
        yield from _references(contract, columns, place, registry)
        yield from chain.from_iterable(
            _rule(rule, made, sub_location(place, "rules", number)) for number, rule in enumerate(contract.rules)
        )
        yield from _partition_faults(contract, place, registry)
        yield from _accepted_faults(contract, place, registry)
        yield from _zones(contract, place, space.settings.timezone)
        yield from _location_faults(contract, place)


def _row_mentions(contract: Contract) -> Iterator[ColumnMention]:
    """Columns that rows need before they are written."""
    write = contract.write
    yield from ((("write", "key"), column) for column in write.key)
    if write.partition:
        yield ("write", "partition"), write.partition.partition("(")[2].rstrip(")")
    if write.valid:
        yield ("write", "valid", "from"), write.valid.start
        yield ("write", "valid", "to"), write.valid.end
    if write.deleted:
        yield ("write", "deleted", "column"), write.deleted.column
    singles = {"latest_by": write.latest_by, "effective": write.effective}
    yield from ((("write", key), column) for key, column in singles.items() if column)
    yield from (
        (("rules", number, "refuse"), column) for number, rule in enumerate(contract.rules) for column in rule.refuse
    )
    for field, binding in contract.fields.items():
        if binding.code_at:
            yield ("fields", field, "code_at"), binding.code_at


def _column_mentions(contract: Contract) -> Iterator[ColumnMention]:
    expect = contract.expect
    yield from ((("expect", "completeness", column), column) for column in expect.completeness)
    yield from ((("expect", "unique", number), column) for number, each in enumerate(expect.unique) for column in each)
    yield from (
        (("expect", "intervals", number), column)
        for number, each in enumerate(expect.intervals)
        for column in each.columns
    )
    yield from ((("expect", "shift", column), column) for column in expect.shift)
    yield from ((("drift", "accept", column), column) for column in contract.drift.accept)


def _unknown(named: Iterable[ColumnMention], columns: set[str] | None, place: YamlLocation) -> Iterator[LintFault]:
    if columns is None:
        return
    for keys, column in named:
        if column not in columns and column not in _OWN:
            values = {"column": column, "where": _dotted(keys), "suggestion": nearest_words(column, sorted(columns))}
            yield LintFault("COLUMN_UNKNOWN", sub_location(place, *keys), values)


def _references(
    contract: Contract, columns: set[str] | None, place: YamlLocation, registry: Registry
) -> Iterator[LintFault]:
    for number, reference in enumerate(contract.references):
        here: tuple[str | int, ...] = ("references", number)
        yield from _unknown((((*here, "columns"), column) for column in reference.columns), columns, place)
        target = registry.contracts.get(reference.dataset)
        if target is None:
            near = nearest_words(reference.dataset, registry.contracts)
            unknown = {"dataset": reference.dataset, "suggestion": near}
            yield LintFault("REFERENCED_DATASET_UNKNOWN", sub_location(place, *here, "dataset"), unknown)
            continue
        keys = (((*here, "keys"), column) for column in reference.keys)
        yield from _unknown(keys, contract_columns(target, registry), place)
        if len(reference.columns) != len(reference.keys):
            yield LintFault("REFERENCE_UNEVEN", sub_location(place, *here), {"dataset": reference.dataset})


def _rule(rule: ContractRule, columns: set[str] | None, place: YamlLocation) -> Iterator[LintFault]:
    used = condition_columns(rule.when)
    if isinstance(used, str):
        yield LintFault("RULE_UNREADABLE", sub_location(place, "when"), {"issue": rule.issue, "reason": used})
    elif columns is not None:
        for column in sorted(used - columns):
            values = {"issue": rule.issue, "column": column, "suggestion": nearest_words(column, sorted(columns))}
            yield LintFault("RULE_COLUMN_UNKNOWN", sub_location(place, "when"), values)
    # Reading the issue types takes as long as reading a hundred contracts: most rules have their own text.
    known: Mapping[str, object] = issue_types() if rule.text is None else {rule.issue: rule}
    if rule.issue not in known:
        near = nearest_words(rule.issue, known)
        yield LintFault("ISSUE_UNDECLARED", sub_location(place, "issue"), {"issue": rule.issue, "suggestion": near})
    if rule.text and (differing := placeholders_differ(rule.text)):
        yield LintFault("PLACEHOLDERS_DIFFER", sub_location(place, "text"), {"issue": rule.issue, "names": differing})


def _partition_faults(contract: Contract, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    column = contract.write.partition.partition("(")[2].rstrip(")") if contract.write.partition else None
    types = {name: each.type for name, each in elements_by_column(contract, registry).items()}
    if column in types and types[column] not in ("date", "datetime"):
        near = [name for name, kind in types.items() if kind in ("date", "datetime")]
        values = {"column": column, "type": types[column], "suggestion": near}
        yield LintFault("PARTITION_NOT_IN_TIME", sub_location(place, "write", "partition"), values)


def _accepted_faults(contract: Contract, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    elements = elements_by_column(contract, registry)
    for column in contract.drift.accept:
        if column in elements and not is_categorical(elements[column]):
            near = [name for name, element in elements.items() if is_categorical(element)]
            yield LintFault(
                "ACCEPT_NO_CATEGORY",
                sub_location(place, "drift", "accept", column),
                {"column": column, "suggestion": near},
            )


def _zones(contract: Contract, place: YamlLocation, own: str) -> Iterator[LintFault]:
    zones: dict[tuple[str | int, ...], str | None] = {("zone",): contract.zone}
    zones["schedule", "timezone"] = contract.schedule.timezone if contract.schedule else None
    for field, binding in contract.fields.items():
        if isinstance(binding.zone, ZoneFrom):
            zones |= {("fields", field, "zone", "names", text): zone for text, zone in binding.zone.names.items()}
        else:
            zones["fields", field, "zone"] = binding.zone
    for keys, zone in zones.items():
        yield from _zone(zone, sub_location(place, *keys))
        if (meant := opposite_offset_zone(zone, own)) is not None:
            yield LintFault("ZONE_SIGN_REVERSED", sub_location(place, *keys), {"zone": zone, "suggestion": meant})


def _zone(zone: str | None, place: YamlLocation) -> Iterator[LintFault]:
    if zone and not is_iana_zone(zone):
        yield LintFault("ZONE_UNKNOWN", place, {"zone": zone, "suggestion": nearest_zones(zone)})


def is_iana_zone(zone: str) -> bool:
    """Whether ``zone`` is a place or an offset of the IANA database, which Python, polars and DuckDB know alike."""
    return zone in _engine_zones()


@cache
def _engine_zones() -> frozenset[str]:
    # The zone of a machine, and a note that none is set.
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def _location_faults(contract: Contract, place: YamlLocation) -> Iterator[LintFault]:
    expected = contract.dataset.replace(".", "/") + ".yaml"
    if "." not in contract.dataset:
        values = {"name": contract.dataset, "suggestion": f"subject.{contract.dataset}"}
        yield LintFault("NAME_UNGRAMMATICAL", sub_location(place, "dataset"), values)
    elif not place.path.as_posix().endswith(f"/datasets/{expected}"):
        values = {"dataset": contract.dataset, "suggestion": f"datasets/{expected}"}
        yield LintFault("DATASET_MISPLACED", sub_location(place, "dataset"), values)


def _dotted(keys: Iterable[str | int]) -> str:
    return ".".join(str(key) for key in keys)
