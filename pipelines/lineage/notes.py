"""What a binding does to a value, in words: unit, codes, zone, frame …"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pipelines.conform.bound import Bound
from schemas.binding import UnitFrom
from schemas.catalogue import word
from schemas.declaration import Text


def said(key: str, **values: Any) -> Text:
    """The words for ``key`` in both languages."""
    return Text(zh=word(f"lineage.{key}", "zh", **values), en=word(f"lineage.{key}", "en", **values))


def both(notes: Iterable[Text]) -> Text | None:
    """Several notes as one; none where there are none."""
    each = list(dict.fromkeys((note.zh, note.en) for note in notes))
    return Text(zh="；".join(zh for zh, _ in each), en="; ".join(en for _, en in each)) if each else None


def changes(bound: Bound) -> list[Text]:
    """What the binding changes of a value, in order; nothing where it only gives it its type."""
    return [*_text(bound), *_meaning(bound), *_measure(bound)]


def _text(bound: Bound) -> Iterator[Text]:
    binding = bound.binding
    if binding.join:
        yield said("join", join=binding.join)
    if binding.clean:
        yield said("clean", clean=", ".join(binding.clean))
    if binding.sentinels:
        yield said("sentinels", sentinels=", ".join(binding.sentinels))
    if binding.qualifier:
        yield said("qualifier")


def _meaning(bound: Bound) -> Iterator[Text]:
    binding = bound.binding
    if binding.lookup:
        yield said("lookup", lookup=binding.lookup)
    if bound.codes or binding.codes:
        yield said("codes", codes=bound.codes or bound.element.id)
    if binding.true or binding.false:
        yield said("boolean", true=", ".join(binding.true), false=", ".join(binding.false))
    if binding.format:
        absolute = bound.element.type != "datetime" or "%z" in binding.format or "epoch" in binding.format
        yield said("format" if absolute else "zone", format=binding.format, zone=bound.zone)
    if binding.label == "end":
        yield said("label")


def _measure(bound: Bound) -> Iterator[Text]:
    binding, unit = bound.binding, bound.binding.unit
    if isinstance(unit, UnitFrom):
        yield said("unit_from", field=unit.field, to=bound.element.unit)
    elif unit and unit != bound.element.unit:
        yield said("unit", unit=unit, to=bound.element.unit)
    if binding.frame in ("GCJ-02", "BD-09"):
        yield said("frame", frame=binding.frame)
