r"""The population stability index (PSI): how far a column's distribution has moved from a reference.

.. math:: PSI = \sum_i (a_i - e_i) \ln(a_i / e_i)

over bins :math:`i`, with the share :math:`e_i` of the reference and :math:`a_i` of the judged rows. N. Siddiqi, *Credit
Risk Scorecards* (Wiley 2006): below 0.1 no shift, 0.1 to 0.25 a small one, above 0.25 a major one. B. Yurdakul,
*Statistical Properties of Population Stability Index* (Western Michigan University 2018): without a shift, PSI is about
:math:`(1/n + 1/m) \chi^2_{B-1}` for ``n`` and ``m`` rows in ``B`` bins; a limit below its 95 % quantile would report
chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING, Any

from citylake.quality.duckdb_views import quote_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NUMERIC_BINS = 10
"""Bins of equal share in the reference; values that occur often may make them fewer."""
CATEGORY_BINS = 50
"""The most frequent categories of the reference are bins of their own; all others share one."""
LEAST_SHARE = 1e-4
"""An empty bin counts as this share, because the logarithm of 0 is infinite."""
LEAST_ROWS = 100
"""With fewer rows with a value, on either side, a distribution is not judged."""
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip
_Z_95 = 1.645


@dataclass(frozen=True, slots=True)
class ShiftMeasure:
    """The index of one column, with the rows that have a value on either side, and the index that chance explains."""

    psi: float
    rows: int
    reference_rows: int
    chance: float

    @property
    def judged(self) -> bool:
        """Whether both sides have enough rows."""
        return min(self.rows, self.reference_rows) >= LEAST_ROWS


def measure_shift(connection: DuckDBPyConnection, judged: str, reference: str, column: str, kind: str) -> ShiftMeasure:
    """Return the index of ``column`` between two relations (names of tables or views) of ``connection``.

    ``kind``: the column's DuckDB type. Numbers are put into bins by the quantiles of the reference, everything else by
    its value; empty values are left out. Memory is bounded: the quantiles are approximate (t-digest).
    """
    number = kind.partition("(")[0] in _NUMBERS
    cuts = _quantile_cuts(connection, reference, column) if number else []
    bins = _numeric_bin(column, cuts) if number else _category_bin(connection, reference, column)
    here, there = _shares(connection, judged, column, bins), _shares(connection, reference, column, bins)
    return _measure(here, there)


def _measure(here: dict[str, int], there: dict[str, int]) -> ShiftMeasure:
    n, m, names = sum(here.values()), sum(there.values()), here.keys() | there.keys()
    if not n or not m:
        return ShiftMeasure(0.0, n, m, 0.0)
    pairs = [(max(here.get(name, 0) / n, LEAST_SHARE), max(there.get(name, 0) / m, LEAST_SHARE)) for name in names]
    psi = sum((a - e) * log(a / e) for a, e in pairs)
    free = max(len(names) - 1, 1)
    return ShiftMeasure(psi, n, m, (1 / n + 1 / m) * (free + _Z_95 * sqrt(2 * free)))


def _quantile_cuts(connection: DuckDBPyConnection, reference: str, column: str) -> list[float]:
    wanted = ", ".join(str(number / NUMERIC_BINS) for number in range(1, NUMERIC_BINS))
    sql = f"SELECT approx_quantile({quote_column(column)}::DOUBLE, [{wanted}]) FROM {quote_column(reference)}"
    found: Any = connection.execute(sql).fetchone()
    return sorted(set(found[0] or ())) if found else []


def _numeric_bin(column: str, cuts: list[float]) -> str:
    """SQL of a bin: the number of cuts below the value. A frequent value (0) is alone in the bin up to its cut."""
    name = quote_column(column)
    return " + ".join(f"({name}::DOUBLE > {cut!r}::DOUBLE)::INTEGER" for cut in cuts) or "0"


def _category_bin(connection: DuckDBPyConnection, reference: str, column: str) -> str:
    name = quote_column(column)
    top = (
        f"SELECT {name}::VARCHAR FROM {quote_column(reference)} WHERE {name} IS NOT NULL "
        f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {CATEGORY_BINS}"
    )
    values = [row[0] for row in connection.execute(top).fetchall()]
    listed = ", ".join("'" + str(value).replace("'", "''") + "'" for value in values)
    return f"CASE WHEN {name}::VARCHAR IN ({listed}) THEN '=' || {name}::VARCHAR ELSE '' END" if values else "''"


def _shares(connection: DuckDBPyConnection, relation: str, column: str, bins: str) -> dict[str, int]:
    sql = (
        f"SELECT ({bins})::VARCHAR, count(*) FROM {quote_column(relation)} "
        f"WHERE {quote_column(column)} IS NOT NULL GROUP BY 1"
    )
    return {str(name): int(rows) for name, rows in connection.execute(sql).fetchall()}
