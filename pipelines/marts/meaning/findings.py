"""The findings in one SELECT, each with its line, and the words of an ``allow`` that they answer to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from citylake.pipelines.marts.meaning.column_fact import Finding
from citylake.pipelines.marts.plan.bound_select import line_of
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression

ALLOWANCE_WORDS: Final[Mapping[str, str]] = {
    "UNITS_MIXED": "UNIT",
    "UNIT_DIFFERS": "UNIT",
    "SUM_OF_INTENSITY": "SUM",
    "SUM_OF_STOCK": "SUM",
    "SUM_OF_CODES": "SUM",
    "SUM_OF_SUBTOTALS": "SUM",
    "MEAN_OF_CODES": "MEAN",
    "MEAN_OF_MEANS": "MEAN",
    "MEAN_UNWEIGHTED": "MEAN",
    "JOIN_REPEATS_ROWS": "GRAIN",
    "EDITIONS_MIXED": "EDITION",
    "FRAMES_MIXED": "FRAME",
    "HOUR_LABELS_MIXED": "LABEL",
}
"""Code of a finding → the word with which the author may allow it."""


class Findings:
    """The findings in the SELECT ``sql``, each once."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._found: dict[tuple[Any, ...], Finding] = {}
        self._asked: Counter[tuple[str, str]] = Counter()

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self._found.values(), key=lambda fault: (fault.line, fault.code)))

    def fault(self, code: str, line: int, **values: Any) -> Finding:
        """Return a finding, without adding it."""
        return Finding(code, line, values)

    def add(self, fault: Finding) -> None:
        """Add a finding, unless it is there."""
        self._found.setdefault((fault.code, fault.line, str(sorted(map(str, fault.values.items())))), fault)

    def line(self, expression: PlanExpression, *names: str) -> int:
        """The line of an expression: where DuckDB says, or where the SQL has a call over the column ``names``."""
        places = [each.at for each in expression.walk() if each.at is not None]
        if places and expression.kind not in ("aggregate", "window"):
            return line_of(self.sql, min(places))
        return self._call_line(expression.name, [name for name in names if name], places)

    def column_line(self, name: str) -> int:
        """The line in which the SELECT names its column ``name`` last."""
        written = list(re.finditer(rf"\b{re.escape(name)}\b", self.sql, re.IGNORECASE))
        return self.sql.count("\n", 0, written[-1].start()) + 1 if written else 1

    def _call_line(self, function: str, names: list[str], places: list[int]) -> int:
        column = re.escape(names[0]) if names else ""
        calls = rf"\b{re.escape(function)}\s*\((?:[^()]|\([^()]*\))*?\b{column}\b" if column else rf"\b{function}\s*\("
        found = [each.start() for each in re.finditer(calls, self.sql, re.IGNORECASE)]
        if not found:
            return line_of(self.sql, min(places)) if places else self.column_line(names[0]) if names else 1
        asked = function, column
        self._asked[asked] += 1
        return self.sql.count("\n", 0, found[min(self._asked[asked], len(found)) - 1]) + 1
