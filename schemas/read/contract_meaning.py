"""What the values of a dataset's columns mean by its contract, and which changes of a contract change it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.column_protection import column_protection
from citylake.schemas.read.registry import Registry

Meaning = dict[str, dict[str, Any]]
"""By column, the words that decide what a value means; the table's own words (its key) are under ``TABLE_WORDS``."""
TABLE_WORDS = ""
MAX_PAIRS = 10_000
"""Pairs of a crosswalk up to which they are part of the meaning; a larger one counts by its name alone."""
_READING = {
    *("element", "column", "source", "join", "required", "optional", "format", "qualifier", "code_at", "pair"),
    *("refuse", "flag", "precision", "span", "bounds", "names"),
}
"""Words of a binding that say where a value is read from, how it is written, and which are refused: no meaning.

Every other word counts, so that a new one is never overlooked.
"""
PROTECTION_WORDS = ("protect", "token_key")
"""The words that say what a column holds instead of its values, and by which key."""
_DAY_OR_MONTH = re.compile(r"^[^Yy]*?%[-_]?(?:(d|e)|(m|b|B))")
_FIELD_NAMES = ("from", "field", "source")
_TEMPORAL = ("date", "datetime", "time")


@dataclass(frozen=True, slots=True)
class MeaningChange:
    """A word of the contract with another value than before; ``column`` is empty for a word of the table."""

    column: str
    word: str
    before: Any
    after: Any

    def __str__(self) -> str:
        name = f"{self.column}.{self.word}" if self.column else self.word
        return f"{name}: {_shown(self.before)} → {_shown(self.after)}"


def contract_meaning(contract: Contract, registry: Registry) -> Meaning:
    """The meaning of each standard column, as JSON values.

    Owner, schedule, notes, rules, expectations, names of source fields and how the text is written are no part of it.
    """
    found: Meaning = {TABLE_WORDS: _table_words(contract)}
    for binding in contract.fields.values():
        element = registry.elements.get(binding.element)
        if element:
            found[binding.column or element.symbol] = _column_words(binding, element, contract, registry)
    return found


def meaning_changes(before: Meaning, after: Meaning) -> list[MeaningChange]:
    """The words with another value, for columns that both have. A new code or name adds meaning and changes none."""
    return [
        MeaningChange(column, word, before[column].get(word), after[column].get(word))
        for column in before.keys() & after.keys()
        for word in sorted(before[column].keys() | after[column].keys())
        if _differs(before[column].get(word), after[column].get(word))
    ]


def unprotected_meaning(meaning: Meaning) -> Meaning:
    """The same meaning of columns that hold the values themselves."""
    return {
        column: {name: value for name, value in words.items() if name not in PROTECTION_WORDS}
        for column, words in meaning.items()
    }


def _table_words(contract: Contract) -> dict[str, Any]:
    write = contract.write
    words: dict[str, Any] = {"key": list(write.key), "effective": write.effective}
    words["reshape"] = [step.model_dump(mode="json", exclude_defaults=True) for step in contract.reshape]
    return {name: value for name, value in words.items() if value}


def _column_words(binding: Binding, element: DataElement, contract: Contract, registry: Registry) -> dict[str, Any]:
    said = binding.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    fields = type(binding).model_fields
    reading = {field.alias or name for name, field in fields.items() if name in _READING} | _READING
    words = {name: _without_fields(value) for name, value in said.items() if name not in reading}
    words |= {"element": element.id, "type": element.type, **dict(_element_words(element, registry))}
    words["unit"] = words.get("unit", element.unit)
    protection = column_protection(binding, element)
    words["protect"] = None if protection == "none" else protection
    words["token_key"] = registry.token_key if protection == "token" else None
    words["sentinels"] = sorted({*binding.sentinels, *contract.sentinels})
    if element.type in _TEMPORAL and "zone" not in words:
        words["zone"] = contract.zone or registry.workspace.settings.timezone
    if first := _DAY_OR_MONTH.search(binding.format or ""):
        # 03/04 is another day if the month comes first; a format with the year first is ambiguous with neither.
        words["date_order"] = {"first": "day" if first[1] else "month"}
    if binding.lookup in registry.crosswalks:
        words["lookup_pairs"] = _crosswalk_pairs(registry, binding.lookup)
    for word, truth in (("true", True), ("false", False)):
        words["truth"] = {**words.get("truth", {}), **dict.fromkeys(words.pop(word, ()), truth)}
    return {name: value for name, value in words.items() if value not in (None, [], {}, ())}


def _element_words(element: DataElement, registry: Registry) -> Iterator[tuple[str, Any]]:
    if element.gas:
        yield "gas", element.gas.model_dump(mode="json")
    if element.codes:
        yield "code_list", element.codes


def _crosswalk_pairs(registry: Registry, name: str | None) -> dict[str, Any]:
    pairs = registry.crosswalks[name or ""].model_dump(mode="json").get("pairs", {})
    return dict(pairs) if isinstance(pairs, Mapping) and len(pairs) <= MAX_PAIRS else {}


def _without_fields(value: Any) -> Any:
    """A word without the names of source fields in it: ``unit: {from: …, names: …}``."""
    if not isinstance(value, Mapping):
        return value
    return {name: _without_fields(each) for name, each in value.items() if name not in _FIELD_NAMES}


def _differs(before: Any, after: Any) -> bool:
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        if not isinstance(before or {}, Mapping) or not isinstance(after or {}, Mapping):
            return True
        older, newer = before or {}, after or {}
        return any(_differs(older[name], newer[name]) for name in older.keys() & newer.keys())
    return bool(before != after)


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
