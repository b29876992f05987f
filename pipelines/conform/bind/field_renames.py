"""A contract with earlier names of source fields in place of today's, for files that were made with them."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from citylake.schemas.model.binding import Binding, ValueFlag
from citylake.schemas.model.binding_words import FactorFrom, QualifierFrom, UnitFrom, ZoneFrom
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.place_words import FrameFrom
from citylake.schemas.model.reshape_step import Padding, Pivot, ReshapeStep, Unpivot

FieldRenames = Mapping[str, str]
"""Today's name of a source field → the name that the files have."""


def rename_fields(contract: Contract, renames: FieldRenames) -> Contract:
    """The contract with the names that the files have, wherever it names a field of the source."""
    if not renames:
        return contract
    fields = {
        renames.get(key, key) if binding.source is None else key: _rename_binding(binding, renames)
        for key, binding in contract.fields.items()
    }
    update = {
        "fields": fields,
        "where": {renames.get(name, name): condition for name, condition in contract.where.items()},
        "reshape": tuple(_rename_step(step, renames) for step in contract.reshape),
    }
    return contract.model_copy(update=update)


def _rename_binding(binding: Binding, renames: FieldRenames) -> Binding:
    update: dict[str, Any] = {"names": ()}
    if binding.source is not None:
        one = isinstance(binding.source, str)
        update["source"] = _new(binding.source, renames) if one else _new_each(binding.source, renames)
    if binding.join:
        update["join"] = _rename_template(binding.join, renames)
    if binding.pair:
        update["pair"] = _new(binding.pair, renames)
    for word in ("unit", "factor", "zone", "frame", "flag", "qualifier"):
        value = getattr(binding, word)
        if isinstance(value, UnitFrom | FactorFrom | ZoneFrom | FrameFrom | ValueFlag):
            update[word] = value.model_copy(update={"field": _new(value.field, renames)})
        if isinstance(value, QualifierFrom):
            named = {"field": _new(value.field, renames), "limit": _new(value.limit, renames)}
            update[word] = value.model_copy(update=named)
    return binding.model_copy(update=update)


def _rename_step(step: ReshapeStep, renames: FieldRenames) -> ReshapeStep:
    update: dict[str, Unpivot | Pivot | Padding] = {}
    if step.unpivot:
        update["unpivot"] = step.unpivot.model_copy(update={"keep": _new_each(step.unpivot.keep, renames)})
    if step.pivot:
        names = {_new(name, renames): columns for name, columns in step.pivot.names.items()}
        keys, on = _new_each(step.pivot.keys, renames), _new(step.pivot.on, renames)
        update["pivot"] = step.pivot.model_copy(update={"keys": keys, "on": on, "value": names})
    if padding := step.padding:
        named = {"month": _rename_template(padding.month, renames), "day": _new(padding.day, renames)}
        update["padding"] = padding.model_copy(update={**named, "values": _new_each(padding.values, renames)})
    return step.model_copy(update=update)


def _rename_template(template: str, renames: FieldRenames) -> str:
    """``{year}-{month}`` with other names in it."""
    parts = []
    for literal, field, form, _ in Formatter().parse(template):
        parts.append(literal.replace("{", "{{").replace("}", "}}"))
        if field is not None:
            parts.append(f"{{{_new(field, renames)}{f':{form}' if form else ''}}}")
    return "".join(parts)


def _new(name: Any, renames: FieldRenames) -> Any:
    return renames.get(name, name)


def _new_each(names: Any, renames: FieldRenames) -> tuple[str, ...]:
    return tuple(renames.get(name, name) for name in names)
