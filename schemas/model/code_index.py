"""A code list as a lookup: every text that stands for a code, and the days on which it is valid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from citylake.schemas.base.fuzzy_match import nearest_keys
from citylake.schemas.model.code_list import CodeList, CodeValue, StandardEdition


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """``text`` means ``code`` from ``valid_from`` until the day before ``valid_to`` (none: no bound)."""

    text: str
    code: str
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    def valid_on(self, day: date) -> bool:
        """Whether the code is valid on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


def code_entries(code_list: CodeList) -> list[CodeEntry]:
    """Codes, names in both languages and aliases, each with the validity of its value or of its value's edition.

    A text that two values claim on the same days belongs to the first of them; codes take precedence over names. A list
    that is backed by a table has none here: its rows are in the lake.
    """
    editions = {edition.edition: edition for edition in code_list.editions}
    found: dict[tuple[str, date | None, date | None], CodeEntry] = {}
    for position in ("code", "words"):
        for value in code_list.values:
            for entry in _code_texts(value, editions.get(value.edition or ""), position):
                found.setdefault((entry.text, entry.valid_from, entry.valid_to), entry)
    return list(found.values())


def _code_texts(value: CodeValue, edition: StandardEdition | None, position: str) -> Iterator[CodeEntry]:
    valid_from = value.valid_from or (edition.valid_from if edition else None)
    valid_to = value.valid_to or (edition.valid_to if edition else None)
    texts = (value.code,) if position == "code" else (value.name.zh, value.name.en, *value.aliases)
    for text in texts:
        yield CodeEntry(text, value.code, valid_from, valid_to, value.successors)


def edition_at(code_list: CodeList, day: date) -> StandardEdition | None:
    """The edition of the standard that is valid on ``day``; the last one if several are."""
    holding = [
        edition
        for edition in code_list.editions
        if (edition.valid_from is None or edition.valid_from <= day)
        and (edition.valid_to is None or day < edition.valid_to)
    ]
    return max(holding, key=lambda edition: edition.valid_from or date.min, default=None)


def suggest_codes(text: str, known: Iterable[CodeEntry], n: int = 3) -> list[str]:
    """The ``n`` codes whose texts look most like ``text``."""
    return nearest_keys(text, {entry.text: entry.code for entry in known}, n, cutoff=0.3)
