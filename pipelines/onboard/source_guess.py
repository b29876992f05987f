"""What an address turned out to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SourceGuess:
    """A kind of source: the contract's ``source``, and by what it was recognised (``probe.<why>`` in the catalogue).

    ``kind`` is the connector; ``none`` for what no contract can read, with ``source`` empty.
    """

    kind: str
    source: dict[str, Any]
    why: str
