"""Traces the columns of a standard table to source fields, by the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from citylake.pipelines.conform.bind.bound_column import BoundColumn, bind_columns, required_fields
from citylake.pipelines.lineage.binding_notes import binding_changes, join_notes, translated_note
from citylake.pipelines.lineage.field_origins import FieldOrigin, ReshapeOrigins, trace_reshape
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.binding_words import UnitFrom
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.place_words import moves_coordinates
from citylake.schemas.read.contract_columns import derived_columns
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.sql_columns import condition_columns
from citylake.schemas.sql.transformation_types import TransformationType, chain_transformations


@dataclass(frozen=True, slots=True)
class ColumnOrigins:
    """``columns``: standard column → its source fields. ``rows``: source fields that decide which rows exist."""

    columns: Mapping[str, tuple[FieldOrigin, ...]]
    rows: tuple[FieldOrigin, ...]


def trace_column_origins(contract: Contract, registry: Registry) -> ColumnOrigins:
    """Return the origins of every standard column, in contract order, followed by the columns that the lake adds."""
    origins, bounds = trace_reshape(contract), bind_columns(contract, registry)
    columns: dict[str, tuple[FieldOrigin, ...]] = {}
    for bound in bounds:
        columns[bound.column] = unique_origins(_bound_origins(bound, origins, bounds))
        for name in derived_columns(bound.column, bound.binding, bound.element):
            end = name.removeprefix(f"{bound.column}_")
            columns[name] = _beside_origins(bound, end, origins, columns[bound.column])
    return ColumnOrigins(
        columns | _lake_column_origins(contract, columns), unique_origins(_row_origins(contract, bounds, columns))
    )


def list_source_fields(contract: Contract) -> list[str]:
    """Return the known fields of the source: bound and ignored ones, without fields created by a reshape."""
    origins, found = trace_reshape(contract), dict[str, None]()
    for key, binding in contract.fields.items():
        listed = (binding.source,) if isinstance(binding.source, str) else binding.source or (key,)
        listed = () if binding.constant is not None else listed
        for name in (*listed, *binding.row_fields, *([binding.pair] if binding.pair else [])):
            found |= dict.fromkeys(origin.field for origin in origins.of(name))
    kept = [name for step in contract.reshape if step.unpivot for name in step.unpivot.keep]
    found |= dict.fromkeys(contract.where)
    known = [name for name in kept if all(origin.field == name for origin in origins.of(name))]
    # With a pivot, ignored names can be values of the pivot column, which are not fields.
    ignored = () if any(step.pivot for step in contract.reshape) else contract.ignore
    return list(dict.fromkeys([*found, *known, *ignored]))


def _bound_origins(bound: BoundColumn, origins: ReshapeOrigins, bounds: Iterable[BoundColumn]) -> Iterator[FieldOrigin]:
    notes = binding_changes(bound)
    how: TransformationType = "TRANSFORMATION" if notes else "IDENTITY"
    binding = bound.binding
    for name in required_fields(bound):
        if name in binding.row_fields and name not in bound.fields:
            yield from _retyped_origins(origins.of(name), "CONDITIONAL", translated_note(_row_note(binding, name)))
        elif name != binding.pair or name in bound.fields:
            yield from _transformed_origins(origins.of(name), how, join_notes(notes))
        elif moves_coordinates(binding.frame):
            yield from _transformed_origins(origins.of(name), "TRANSFORMATION", join_notes(notes))
    dated = next((each for each in bounds if each.column == binding.code_at), None)
    for name in required_fields(dated) if dated else ():
        yield from _retyped_origins(origins.of(name), "CONDITIONAL", translated_note("code_at"))


def _row_note(binding: Binding, field: str) -> str:
    """The message about what a field states for its row."""
    if isinstance(binding.unit, UnitFrom) and field == binding.unit.field:
        return "unit_of_row"
    return "flag_of_row" if binding.flag and field == binding.flag.field else "said_by_row"


def _beside_origins(
    bound: BoundColumn, name: str, origins: ReshapeOrigins, own: tuple[FieldOrigin, ...]
) -> tuple[FieldOrigin, ...]:
    """The origins of a column beside a value: its flag has a field of its own, the others are made from the text."""
    if name == "flag" and bound.binding.flag:
        return tuple(_retyped_origins(origins.of(bound.binding.flag.field), "IDENTITY", translated_note("flag_column")))
    kind = "geometry" if bound.element.type == "geometry" else name
    return tuple(_retyped_origins(own, "TRANSFORMATION", translated_note(f"{kind}_column")))


def _lake_column_origins(
    contract: Contract, columns: Mapping[str, tuple[FieldOrigin, ...]]
) -> dict[str, tuple[FieldOrigin, ...]]:
    """Return the origins of the columns that the lake adds: validity dates and the partition column."""
    write, found = contract.write, dict[str, tuple[FieldOrigin, ...]]()
    if write.mode == "snapshot" and write.effective:
        dated = _transformed_origins(columns.get(write.effective, ()), "TRANSFORMATION", translated_note("validity"))
        found = {"valid_from": dated, "valid_to": dated}
    if write.partition:
        kind, _, column = write.partition.rstrip(")").partition("(")
        found[f"_{kind}"] = _transformed_origins(
            columns.get(column, ()), "TRANSFORMATION", translated_note("partition", by=column)
        )
    return found


def _row_origins(
    contract: Contract, bounds: Iterable[BoundColumn], columns: Mapping[str, tuple[FieldOrigin, ...]]
) -> Iterator[FieldOrigin]:
    """Yield the fields that decide which rows exist: required fields, rules, the key, and ``latest_by``."""
    write = contract.write
    needed = {bound.column for bound in bounds if bound.binding.required}
    by_rule = {
        name: rule.issue for rule in contract.rules if rule.severity == "error" for name in _condition_fields(rule.when)
    }
    by_how: list[tuple[TransformationType, Mapping[str, str]]] = [
        ("FILTER", {name: "required" for name in columns if name in needed}),
        ("FILTER", by_rule),
        ("GROUP_BY", dict.fromkeys(write.key, "key")),
        ("SORT", {write.latest_by: "latest_by"} if write.latest_by else {}),
    ]
    for name in contract.where:
        yield FieldOrigin(name, "FILTER", translated_note("where"))
    for how, chosen in by_how:
        for name, why in chosen.items():
            note = translated_note(why) if how != "FILTER" or why == "required" else translated_note("rule", issue=why)
            yield from _retyped_origins(columns.get(name, ()), how, note)


def _condition_fields(condition: str) -> list[str]:
    found = condition_columns(condition)
    return sorted(found) if isinstance(found, frozenset) else []


def _transformed_origins(
    origins: Iterable[FieldOrigin], how: TransformationType, note: LocalizedText | None
) -> tuple[FieldOrigin, ...]:
    """Append a transformation to each origin, and its note to the existing one."""
    notes = [(origin, join_notes([each for each in (origin.note, note) if each])) for origin in origins]
    return tuple(replace(origin, how=chain_transformations(origin.how, how), note=joined) for origin, joined in notes)


def _retyped_origins(
    origins: Iterable[FieldOrigin], how: TransformationType, note: LocalizedText
) -> tuple[FieldOrigin, ...]:
    """Append an indirect use to each origin, and replace the note: earlier changes to the value do not matter here."""
    return tuple(replace(origin, how=chain_transformations(origin.how, how), note=note) for origin in origins)


def unique_origins(origins: Iterable[FieldOrigin]) -> tuple[FieldOrigin, ...]:
    """Return each (field, transformation) pair once, in the original order."""
    return tuple({(origin.field, origin.how): origin for origin in reversed(list(origins))}.values())[::-1]
