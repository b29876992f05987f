"""What a field may be matched with: a data element, or a field of another register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from citylake.schemas.model.element import DataElement


@dataclass(frozen=True, slots=True)
class MatchTarget:
    """A meaning with its names. ``names`` state all of it, ``synonyms`` are what sources call it.

    ``kind`` is date, number, identifier, geometry, url, flag, name or text: what its values are.
    """

    id: str
    names: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    description: str = ""
    object_class: str = ""
    kind: str = "text"


_TYPE_KINDS = {
    "datetime": "date", "date": "date", "time": "date", "integer": "number", "decimal": "number",
    "geometry": "geometry", "boolean": "flag",
}  # fmt: skip
_REPRESENTATION_KINDS = {"number": "identifier", "code": "identifier", "name": "name"}


def element_targets(elements: Iterable[DataElement]) -> list[MatchTarget]:
    """Data elements as targets, in their order."""
    return [_element_target(each) for each in elements]


def _element_target(element: DataElement) -> MatchTarget:
    last = element.id.rpartition(".")[2]
    names = (element.name.zh, element.name.en, element.symbol, element.id)
    kind = _TYPE_KINDS.get(element.type) or _REPRESENTATION_KINDS.get(element.representation, "text")
    whole = f"{element.object_class}{element.property}"
    return MatchTarget(
        id=element.id,
        names=tuple(dict.fromkeys((*names, whole))),
        synonyms=(*element.synonyms, last),
        description=f"{element.definition.en} {element.definition.zh}",
        object_class=element.object_class,
        kind=kind,
    )
