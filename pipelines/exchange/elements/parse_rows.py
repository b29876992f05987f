"""Rows of a table as data elements, with every fault by its row and column; what was filled in is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from citylake.pipelines.exchange.elements.cell_words import (
    NUMERIC,
    OPENNESS,
    PERSONAL,
    REPRESENTATIONS,
    SHARING,
    STATES,
    TYPES,
)
from citylake.pipelines.exchange.elements.columns import NEEDED
from citylake.pipelines.exchange.elements.element_names import ElementNameError, element_names
from citylake.pipelines.exchange.elements.read_table import ElementTable, TableRow
from citylake.pipelines.exchange.elements.value_domain import read_value_domain
from citylake.pipelines.exchange.elements.write_table import SPLIT
from citylake.schemas.model.element import DataElement
from citylake.schemas.notation import parse_format
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

_SAME: Final = (
    "object_class", "property", "format", "unit", "context", "steward", "source", "note", "check_digit", "invisible",
    "names_entity", "measure", "weight", "edition", "frame", "label", "period",
)  # fmt: skip
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "representation": REPRESENTATIONS, "status": STATES, "openness": OPENNESS, "personal": PERSONAL,
    "sharing_class": SHARING,
}  # fmt: skip
_JSON: Final = ("gas", "span", "relations")
_OF_FIELD: Final = {
    "name": "name_zh", "definition": "definition_zh", "range": "value_domain", "codes": "value_domain",
    "pattern": "value_domain", "sensitivity": "grade", "sharing": "sharing_class",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong in a cell. ``column``: its heading in the file."""

    row: int
    column: str
    text: str

    def say(self) -> str:
        """The fault with its place."""
        return translate_key("exchange.cell_fault", row=self.row, column=self.column, text=self.text)


@dataclass(slots=True)
class ParsedElements:
    """``rows``: element → its row. ``filled``: what was filled in → the rows."""

    elements: dict[str, DataElement] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    filled: dict[str, list[int]] = field(default_factory=dict)


def parse_elements(table: ElementTable, registry: Registry, subject: str = "") -> ParsedElements:
    """Every element of the table; a row with a fault gives none. ``subject``: goes before identifiers without one."""
    found = ParsedElements()
    for row in table.rows:
        reader = _RowReader(table, row, registry, subject, found)
        element = reader.element()
        if element is None:
            continue
        if element.id in found.elements:
            reader.fault("id", "twice", element=element.id, other=found.rows[element.id])
            continue
        found.elements[element.id], found.rows[element.id] = element, row.number
    return found


class _RowReader:
    """Reads one row."""

    def __init__(
        self, table: ElementTable, row: TableRow, registry: Registry, subject: str, found: ParsedElements
    ) -> None:
        self._table, self._row, self._registry, self._subject, self._found = table, row, registry, subject, found
        self._faulty = False

    def fault(self, key: str, why: str, **values: Any) -> None:
        """Add a fault of the cell ``key``."""
        text = translate_key(f"exchange.fault_{why}", **values)
        self._found.faults.append(CellFault(self._row.number, self._table.heading(key), text))
        self._faulty = True

    def element(self) -> DataElement | None:
        """The element of the row; None if it has a fault."""
        cells = self._row.cells
        for key in NEEDED:
            if key not in cells:
                self.fault(key, "empty")
        if self._faulty:
            return None
        values = dict(self._values(cells))
        if self._faulty:
            return None
        try:
            return DataElement.model_validate(values)
        except ValidationError as error:
            for each in error.errors(include_url=False):
                name = str(each["loc"][0]) if each["loc"] else "id"
                self.fault(_OF_FIELD.get(name, name), "word", value=str(each["input"]), known=each["msg"])
            return None

    def _values(self, cells: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
        yield from ((name, cells[name]) for name in _SAME if name in cells)
        yield "name", self._both(cells, "name")
        yield "definition", self._both(cells, "definition")
        yield "representation", self._word("representation", cells)
        yield "type", self._type(cells)
        yield from self._names(cells)
        yield from self._domain(cells)
        if "synonyms" in cells:
            yield "synonyms", self._synonyms(cells["synonyms"])
        if "pad" in cells:
            yield "pad", cells["pad"]
        yield "version", cells.get("version") or self._filled("version", "1.0.0")
        yield "status", self._word("status", cells) or self._filled("status", "draft")
        sensitivity = {name: self._word(name, cells) for name in ("openness", "personal")}
        sensitivity |= {name: cells.get(name) for name in ("grade", "protect")}
        yield "sensitivity", {name: value for name, value in sensitivity.items() if value}
        if "sharing_class" in cells:
            yield "sharing", self._sharing(cells)
        for key in _JSON:
            if key in cells and (read := self._json(key, cells[key])) is not None:
                yield key, read

    def _both(self, cells: Mapping[str, str], key: str) -> dict[str, str]:
        zh = cells[f"{key}_zh"]
        return {"zh": zh, "en": cells.get(f"{key}_en") or self._filled(f"{key}_en", zh)}

    def _filled(self, what: str, value: str) -> str:
        """``value``, which the row does not say: it is told."""
        self._found.filled.setdefault(what, []).append(self._row.number)
        return value

    def _word(self, key: str, cells: Mapping[str, str]) -> str | None:
        known = _WORDS[key]
        if key not in cells:
            return None
        word = known.get(cells[key]) or known.get(cells[key].lower())
        if word is None:
            self.fault(key, "word", value=cells[key], known=", ".join(known))
        return word

    def _type(self, cells: Mapping[str, str]) -> str | None:
        kind = TYPES.get(cells["type"].lower())
        if kind is None:
            self.fault("type", "word", value=cells["type"], known=", ".join(dict.fromkeys(TYPES)))
        if kind != NUMERIC:
            return kind
        try:
            form = parse_format(cells["format"]) if "format" in cells else None
        except CitylakeError:
            form = None
        if form is None:
            self.fault("type", "number", value=cells["type"])
            return None
        return "decimal" if form.scale else "integer"

    def _names(self, cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        try:
            names = element_names(cells, self._subject)
        except ElementNameError as error:
            self.fault(error.key, error.why, **error.values)
            return
        yield "id", names.id
        yield "symbol", names.symbol
        for what in names.filled:
            self._filled(what, "")

    def _domain(self, cells: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
        if "value_domain" not in cells:
            return
        found = read_value_domain(cells["value_domain"], self._registry)
        if found is None:
            self.fault("value_domain", "domain", value=cells["value_domain"])
            return
        yield from found.items()

    def _synonyms(self, text: str) -> list[str]:
        if text.startswith("["):
            words = self._json("synonyms", text)
            return [str(word) for word in words] if isinstance(words, list) else []
        return [word.strip() for word in SPLIT.split(text) if word.strip()]

    def _sharing(self, cells: Mapping[str, str]) -> dict[str, Any]:
        words: dict[str, Any] = {"class": self._word("sharing_class", cells)}
        if zh := cells.get("sharing_condition_zh"):
            en = cells.get("sharing_condition_en") or self._filled("sharing_condition_en", zh)
            words["condition"] = {"zh": zh, "en": en}
        if "sharing_basis" in cells:
            words["basis"] = cells["sharing_basis"]
        return words

    def _json(self, key: str, text: str) -> Any:
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            self.fault(key, "json", reason=str(error))
            return None
