"""Writes elements of the registry as a table: a workbook, or CSV."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from citylake.pipelines.exchange.authored_document import authored_document
from citylake.pipelines.exchange.elements.columns import COLUMNS
from citylake.pipelines.exchange.elements.value_domain import write_value_domain
from citylake.pipelines.exchange.exported_files import unwritable
from citylake.pipelines.exchange.workbook import write_workbook
from citylake.schemas.model.element import DataElement
from citylake.schemas.words.errors import CitylakeError

SEPARATOR: Final = "；"
SPLIT: Final = re.compile(r"[；;、，,\n]")
SHEET: Final = "数据元"
ENDINGS: Final = (".xlsx", ".csv")


def write_elements(elements: Iterable[DataElement], path: Path) -> int:
    """Write a row for each element, and return how many. ``path`` ends with ``.xlsx`` or ``.csv``.

    Raises OPTION_UNKNOWN for another ending, EXCHANGE_LIBRARY_MISSING, OUTPUT_UNWRITABLE and EXPORT_CELL_TOO_LONG.
    """
    if path.suffix.lower() not in ENDINGS:
        raise CitylakeError("OPTION_UNKNOWN", option="FILE", value=path.name, known=", ".join(ENDINGS))
    rows = [[element_cells(each)[column.key] for column in COLUMNS] for each in elements]
    headings = [column.zh for column in COLUMNS]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == ".xlsx":
            write_workbook(path, ((SHEET, headings, rows),))
        else:
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([headings, *rows])
    except OSError as error:
        raise unwritable(path, error) from error
    return len(rows)


def element_cells(element: DataElement) -> dict[str, str]:
    """The cells of an element, by the keys of the columns."""
    sensitivity, sharing = element.sensitivity, element.sharing
    condition = sharing.condition if sharing else None
    same = (
        "id", "symbol", "object_class", "property", "representation", "type", "format", "unit", "version", "status",
        "context", "steward", "source", "note", "check_digit", "invisible", "pad", "names_entity", "measure", "weight",
        "edition", "frame", "label", "period",
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(element, name) for name in same} | {
        "name_zh": element.name.zh,
        "name_en": element.name.en,
        "definition_zh": element.definition.zh,
        "definition_en": element.definition.en,
        "value_domain": write_value_domain(element),
        "synonyms": join_words(element.synonyms),
        **{name: getattr(sensitivity, name) for name in ("grade", "openness", "personal", "protect")},
        "sharing_class": sharing.sharing_class if sharing else None,
        "sharing_condition_zh": condition.zh if condition else None,
        "sharing_condition_en": condition.en if condition else None,
        "sharing_basis": sharing.basis if sharing else None,
        "gas": _json(authored_document(element.gas)) if element.gas else None,
        "span": _json(authored_document(element.span)) if element.span else None,
        "relations": _json([authored_document(each) for each in element.relations]) if element.relations else None,
    }
    return {key: "" if value is None else str(value) for key, value in values.items()}


def join_words(words: Iterable[str]) -> str:
    """The words with a separator, or as JSON if one of them has one in it."""
    found = list(words)
    plain = all(not SPLIT.search(word) and word == word.strip() and word[:1] not in ("", "[") for word in found)
    return SEPARATOR.join(found) if plain else _json(found)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
