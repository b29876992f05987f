"""Which source fields a standard column is made from, and how: read from the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pipelines.conform.bound import Bound, bounds_of, needs
from pipelines.lineage.notes import both, changes, said
from pipelines.lineage.reshaped import Origin, Origins, origins_of
from schemas.binding import UnitFrom
from schemas.contract import Contract
from schemas.declaration import Text
from schemas.how import How, then
from schemas.lint.sql import columns_used
from schemas.registry import Registry


@dataclass(frozen=True, slots=True)
class Fields:
    """``columns``: by standard column, its source fields; ``rows``: those that decide which rows there are."""

    columns: Mapping[str, tuple[Origin, ...]]
    rows: tuple[Origin, ...]


def fields_of(contract: Contract, registry: Registry) -> Fields:
    """The standard table's columns in the contract's order, those that the lake adds after them."""
    origins, bounds = origins_of(contract), bounds_of(contract, registry)
    columns: dict[str, tuple[Origin, ...]] = {}
    for bound in bounds:
        columns[bound.column] = unique(_made_from(bound, origins, bounds))
        if bound.binding.qualifier:
            made = _as(columns[bound.column], "TRANSFORMATION", said("qualifier_column"))
            columns[f"{bound.column}_qualifier"] = made
    return Fields(columns | _added(contract, columns), unique(_deciding(contract, bounds, columns)))


def source_fields(contract: Contract) -> list[str]:
    """The fields that the source is known to have, bound and ignored ones; none of them comes from a reshape."""
    origins, found = origins_of(contract), dict[str, None]()
    for key, binding in contract.fields.items():
        listed = (binding.source,) if isinstance(binding.source, str) else binding.source or (key,)
        listed = () if binding.constant is not None else listed
        also = [binding.unit.field] if isinstance(binding.unit, UnitFrom) else []
        for name in (*listed, *also, *([binding.pair] if binding.pair else [])):
            found |= dict.fromkeys(origin.field for origin in origins.of(name))
    kept = [name for step in contract.reshape if step.unpivot for name in step.unpivot.keep]
    known = [name for name in kept if all(origin.field == name for origin in origins.of(name))]
    # Beside a pivot, what is ignored may be values of its column, which are no fields.
    ignored = () if any(step.pivot for step in contract.reshape) else contract.ignore
    return list(dict.fromkeys([*found, *known, *ignored]))


def _made_from(bound: Bound, origins: Origins, bounds: Iterable[Bound]) -> Iterator[Origin]:
    notes = changes(bound)
    how: How = "TRANSFORMATION" if notes else "IDENTITY"
    binding, unit = bound.binding, bound.binding.unit
    for name in needs(bound):
        if isinstance(unit, UnitFrom) and name == unit.field:
            yield from _as(origins.of(name), "CONDITIONAL", said("unit_of_row"))
        elif name != binding.pair or name in bound.fields:
            yield from _again(origins.of(name), how, both(notes))
        elif binding.frame in ("GCJ-02", "BD-09"):
            yield from _again(origins.of(name), "TRANSFORMATION", both(notes))
    dated = next((each for each in bounds if each.column == binding.code_at), None)
    for name in needs(dated) if dated else ():
        yield from _as(origins.of(name), "CONDITIONAL", said("code_at"))


def _added(contract: Contract, columns: Mapping[str, tuple[Origin, ...]]) -> dict[str, tuple[Origin, ...]]:
    """Validity that the lake keeps, and the column that the table is partitioned by."""
    write, found = contract.write, dict[str, tuple[Origin, ...]]()
    if write.mode == "snapshot" and write.effective:
        dated = _again(columns.get(write.effective, ()), "TRANSFORMATION", said("validity"))
        found = {"valid_from": dated, "valid_to": dated}
    if write.partition:
        kind, _, column = write.partition.rstrip(")").partition("(")
        found[f"_{kind}"] = _again(columns.get(column, ()), "TRANSFORMATION", said("partition", by=column))
    return found


def _deciding(
    contract: Contract, bounds: Iterable[Bound], columns: Mapping[str, tuple[Origin, ...]]
) -> Iterator[Origin]:
    """What sends rows to quarantine, tells which rows are one, and which of them stays."""
    write = contract.write
    needed = {bound.column for bound in bounds if bound.binding.required}
    by_rule = {name: rule.issue for rule in contract.rules if rule.severity == "error" for name in _used(rule.when)}
    by_how: list[tuple[How, Mapping[str, str]]] = [
        ("FILTER", {name: "required" for name in columns if name in needed}),
        ("FILTER", by_rule),
        ("GROUP_BY", dict.fromkeys(write.key, "key")),
        ("SORT", {write.latest_by: "latest_by"} if write.latest_by else {}),
    ]
    for how, chosen in by_how:
        for name, why in chosen.items():
            note = said(why) if how != "FILTER" or why == "required" else said("rule", issue=why)
            yield from _as(columns.get(name, ()), how, note)


def _used(condition: str) -> list[str]:
    found = columns_used(condition)
    return sorted(found) if isinstance(found, frozenset) else []


def _again(origins: Iterable[Origin], how: How, note: Text | None) -> tuple[Origin, ...]:
    """The origins of something that is made of what they are the origins of; the notes are kept."""
    notes = [(origin, both([each for each in (origin.note, note) if each])) for origin in origins]
    return tuple(replace(origin, how=then(origin.how, how), note=told) for origin, told in notes)


def _as(origins: Iterable[Origin], how: How, note: Text) -> tuple[Origin, ...]:
    """The origins in another part, for which what was done to their values does not matter."""
    return tuple(replace(origin, how=then(origin.how, how), note=note) for origin in origins)


def unique(origins: Iterable[Origin]) -> tuple[Origin, ...]:
    """Each field once a way, in the order in which they came."""
    return tuple({(origin.field, origin.how): origin for origin in reversed(list(origins))}.values())[::-1]
