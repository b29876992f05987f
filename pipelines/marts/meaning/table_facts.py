"""What is known of a table that SQL reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from citylake.pipelines.marts.meaning.column_fact import Fact


@dataclass(frozen=True, slots=True)
class TableFacts:
    """``columns``: by name, without sources. ``editions``: column of an index → column with its edition."""

    columns: Mapping[str, Fact]
    keys: tuple[frozenset[str], ...] = ()
    editions: Mapping[str, str] = field(default_factory=dict)
    times: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
