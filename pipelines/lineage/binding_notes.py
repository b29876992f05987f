"""Describes in words what a binding does to a value: unit, codes, zone, frame …"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.binding_words import NumberWord, UnitFrom, ZoneFrom
from citylake.schemas.model.place_words import FrameFrom, moves_coordinates
from citylake.schemas.notation.time_format import uses_zone
from citylake.schemas.words.message_catalogue import translate_key


def translated_note(key: str, **values: Any) -> LocalizedText:
    """Return the message ``lineage.<key>`` in both languages."""
    return LocalizedText(
        zh=translate_key(f"lineage.{key}", "zh", **values), en=translate_key(f"lineage.{key}", "en", **values)
    )


def join_notes(notes: Iterable[LocalizedText]) -> LocalizedText | None:
    """Join distinct notes into one. Return None if there are none."""
    each = list(dict.fromkeys((note.zh, note.en) for note in notes))
    return LocalizedText(zh="；".join(zh for zh, _ in each), en="; ".join(en for _, en in each)) if each else None


def binding_changes(bound: BoundColumn) -> list[LocalizedText]:
    """Return one note per change that the binding makes to a value, in order. Empty if it only casts the type."""
    return [*_text_notes(bound), *_meaning_notes(bound), *_measure_notes(bound)]


def _text_notes(bound: BoundColumn) -> Iterator[LocalizedText]:
    binding = bound.binding
    if binding.join:
        yield translated_note("join", join=binding.join)
    if binding.split:
        yield translated_note("split", split=binding.split.pattern or binding.split.by)
    if binding.clean:
        yield translated_note("clean", clean=", ".join(binding.clean))
    if binding.sentinels:
        yield translated_note("sentinels", sentinels=", ".join(binding.sentinels))
    if binding.qualified:
        yield translated_note("qualifier")
    if binding.interval:
        yield translated_note("interval")
    if binding.words:
        yield translated_note(
            "words", words=", ".join(f"{word} = {_number(told)}" for word, told in binding.words.items())
        )
    if bound.style.declared:
        yield translated_note("number_style", decimal=bound.style.decimal, thousands=bound.style.thousands or "—")


def _number(told: float | NumberWord) -> str:
    return f"{told.value if isinstance(told, NumberWord) else told:g}"


def _meaning_notes(bound: BoundColumn) -> Iterator[LocalizedText]:
    binding = bound.binding
    if binding.lookup:
        yield translated_note("lookup", lookup=binding.lookup)
    if bound.codes or binding.codes:
        yield translated_note("codes", codes=bound.codes or bound.element.id)
    if binding.true or binding.false:
        yield translated_note("boolean", true=", ".join(binding.true), false=", ".join(binding.false))
    if binding.format:
        absolute = bound.element.type != "datetime" or not uses_zone(binding.format)
        zone = binding.zone.field if isinstance(binding.zone, ZoneFrom) else bound.zone
        yield translated_note("format" if absolute else "zone", format=binding.format, zone=zone)
    if binding.label == "end":
        yield translated_note("label")


def _measure_notes(bound: BoundColumn) -> Iterator[LocalizedText]:
    binding, unit = bound.binding, bound.binding.unit
    if isinstance(binding.factor, float):
        yield translated_note("factor", factor=f"{binding.factor:g}")
    if isinstance(unit, UnitFrom):
        yield translated_note("unit_from", field=unit.field, to=bound.element.unit)
    elif unit and unit != bound.element.unit:
        yield translated_note("unit", unit=unit, to=bound.element.unit)
    if isinstance(binding.frame, FrameFrom):
        yield translated_note("frame", frame=f"{{{binding.frame.field}}}")
    elif moves_coordinates(binding.frame):
        yield translated_note("frame", frame=binding.frame)
