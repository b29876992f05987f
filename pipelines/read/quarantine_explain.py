"""What a refused row broke: what the rule demands of the field, what stands there, and how it is corrected."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from citylake.pipelines.read.quarantine_rows import reason_sentence
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.code_index import code_entries, suggest_codes
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import issue_types, translate_key

Demand = tuple[str, str]
"""What is demanded (``type``, ``range``, …), and the text of it."""


def explain_reason(
    contract: Contract, registry: Registry, reason: Mapping[str, Any], place: Mapping[str, Any], language: str
) -> dict[str, Any]:
    """Return what one reason of a quarantined row means, ready for JSON.

    Args:
        contract: Of the row's dataset.
        registry: With its elements and code lists.
        reason: ``code``, ``field`` (a column), ``value``, ``detail``.
        place: ``file``, ``row`` and ``row_id`` of a row with this reason.
        language: ``zh`` or ``en``.

    Returns:
        ``code``, ``field``, ``value``; ``text``: what is wrong and what to do; ``demands``: text by kind (``element``,
        ``type``, ``unit``, ``range``, ``pattern``, ``codes``, ``format``, ``rule``); ``nearest``: the codes most
        similar to the value; ``responsible``; ``commands``: command lines that settle it.
    """
    bound = _binding_of(contract, registry, reason["field"])
    demands = [*_rule_demands(contract, reason["code"]), *(_demands(*bound, registry, language) if bound else ())]
    issue = issue_types().get(reason["code"])
    responsible = issue.responsible if issue else "supplier"
    return {
        **{name: reason[name] for name in ("code", "field", "value")},
        "source_fields": list(_source_fields(contract, registry, reason["field"])),
        "text": reason_sentence(contract, reason, place, language),
        "demands": dict(demands),
        "nearest": _nearest_codes(bound[1] if bound else None, registry, reason["value"]),
        "responsible": responsible,
        "commands": list(settling_commands(contract, responsible, place.get("row_id"))),
    }


def settling_commands(contract: Contract, responsible: str, row_id: str | None = None) -> Iterator[str]:
    """Yield the command lines by which rows are settled: by corrections, or by a reading under other declarations."""
    dataset = shlex.quote(contract.dataset)
    if responsible == "supplier":
        yield f"citylake quarantine export --dataset {dataset}"
    else:
        yield f"citylake replay {dataset} --quarantine"
    if row_id:
        yield f'citylake quarantine discard {shlex.quote(row_id)} --why "…"'


def _bindings(contract: Contract, registry: Registry, column: str | None) -> Iterator[tuple[str, Binding]]:
    for name, binding in contract.fields.items():
        element = registry.elements.get(binding.element)
        if column in (name, binding.column or (element.symbol if element else None)):
            yield name, binding


def _binding_of(contract: Contract, registry: Registry, column: str | None) -> tuple[Binding, DataElement] | None:
    for _, binding in _bindings(contract, registry, column):
        if binding.element in registry.elements:
            return binding, registry.elements[binding.element]
    return None


def _source_fields(contract: Contract, registry: Registry, column: str | None) -> tuple[str, ...]:
    for name, binding in _bindings(contract, registry, column):
        return (binding.source,) if isinstance(binding.source, str) else binding.source or (name,)
    return ()


def _rule_demands(contract: Contract, code: str) -> Iterator[Demand]:
    for rule in contract.rules:
        if rule.issue == code:
            yield "rule", f"NOT ({rule.when})"


def _demands(binding: Binding, element: DataElement, registry: Registry, language: str) -> Iterator[Demand]:
    yield "element", f"{element.id} {element.name.say(language)}: {element.definition.say(language)}"
    yield "type", " ".join(filter(None, (element.type, element.format)))
    if element.unit:
        yield "unit", element.unit
    if element.range:
        least, most = ("…" if bound is None else f"{bound:,.12g}" for bound in element.range)
        yield "range", f"{least} – {most}"
    if element.pattern:
        yield "pattern", element.pattern
    if binding.format:
        yield "format", binding.format
    if element.codes:
        yield "codes", _code_list(element.codes, registry, language)


def _code_list(name: str, registry: Registry, language: str) -> str:
    values = registry.codes[name].values if name in registry.codes else ()
    shown = ", ".join(f"{value.code} {value.name.say(language)}" for value in values[:_MOST_CODES])
    more = translate_key("quarantine.more_codes", language, count=f"{len(values):,}")
    return f"{name}: {shown}" + (f" … ({more})" if len(values) > _MOST_CODES else "")


_MOST_CODES = 12


def _nearest_codes(element: DataElement | None, registry: Registry, value: str | None) -> list[str]:
    if element is None or not element.codes or not value or element.codes not in registry.codes:
        return []
    return suggest_codes(value, code_entries(registry.codes[element.codes]))
