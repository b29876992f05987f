"""The id and the column name of an element, from what a table calls its identifier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from citylake.schemas.units import symbol_suffix
from citylake.schemas.words.errors import CitylakeError

_ID: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_SHORT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SYMBOL: Final = re.compile(r"[a-z][a-z0-9_]*")


class ElementNameError(Exception):
    """A cell that gives no name: its key, and the key of the message with its values."""

    def __init__(self, key: str, why: str, **values: Any) -> None:
        super().__init__(why)
        self.key, self.why, self.values = key, why, values


@dataclass(frozen=True, slots=True)
class ElementNames:
    """``filled``: which of them the table does not have as they are."""

    id: str
    symbol: str
    filled: tuple[str, ...]


def element_names(cells: Mapping[str, str], subject: str) -> ElementNames:
    """The names. Raises ElementNameError."""
    identifier, filled = cells["id"], []
    if not _ID.fullmatch(identifier):
        if not subject or not _SHORT.fullmatch(identifier):
            raise ElementNameError("id", "identifier", value=identifier)
        identifier = f"{subject}.{identifier.lower()}"
        filled.append("id")
    if symbol := cells.get("symbol"):
        if not _SYMBOL.fullmatch(symbol):
            if not _SHORT.fullmatch(symbol):
                raise ElementNameError("symbol", "symbol", value=symbol)
            symbol = symbol.lower()
            filled.append("symbol")
    else:
        symbol = _with_unit(identifier.rpartition(".")[2], cells.get("unit", ""))
        filled.append("symbol")
    return ElementNames(identifier, symbol, tuple(filled))


def _with_unit(name: str, unit: str) -> str:
    """A column carries its unit."""
    try:
        suffix = symbol_suffix(unit) if unit and unit != "1" else ""
    except CitylakeError:
        # Lint names the unit that it does not know.
        return name
    return f"{name}_{suffix}" if suffix and suffix not in name else name
