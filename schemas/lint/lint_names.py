"""Checks of the names that source fields have had: today's is the field's, and each name belongs to one field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry


def check_field_names(registry: Registry) -> Iterator[LintFault]:
    """Every fault of every ``names``."""
    for contract in registry.contracts.values():
        for key, code, values in (*_not_current(contract), *_taken(contract)):
            place = contract_location(registry, contract.dataset, "fields", key, "names")
            yield LintFault(code, place, {"field": key, **values})


def _not_current(contract: Contract) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for key, binding in contract.fields.items():
        today = binding.names[0] if binding.names else None
        if isinstance(today, str) and today != _field(key, binding):
            yield key, "FIELD_NAME_DIFFERS", {"name": today, "source": _field(key, binding), "suggestion": today}


def _taken(contract: Contract) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Earlier names that are, or were, names of another field too; two bindings of a field agree on its names."""
    fields = contract.fields.items()
    owner = {field: (field, binding.former_names) for key, binding in fields for field in _all(key, binding)}
    for key, binding in fields:
        mine = (_field(key, binding), binding.former_names)
        for name in binding.former_names:
            other, its = owner.setdefault(name.was, mine)
            if (other, its) != mine:
                yield key, "FIELD_NAME_TAKEN", {"name": name.was, "other": other}


def _field(key: str, binding: Binding) -> str:
    return binding.source if isinstance(binding.source, str) else key


def _all(key: str, binding: Binding) -> tuple[str, ...]:
    """The fields that a binding reads as its value."""
    if binding.constant is not None:
        return ()
    return binding.source if isinstance(binding.source, tuple) else (_field(key, binding),)
