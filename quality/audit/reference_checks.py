"""Reference checks: values that must exist in another dataset. Counts values without a match and empty values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from citylake.quality.audit.audit_input import AuditInput, CheckedRows
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_views import create_parquet_view, quote_column
from citylake.schemas.model.contract_rule import ReferenceRule
from citylake.schemas.words.errors import Problem

MAX_EXAMPLES = 5


def check_references(batch: AuditInput, files: Mapping[str, Sequence[str]]) -> Iterator[CheckResult]:
    """Yield one check per reference of the contract, with the severity of the reference.

    ``files``: referenced dataset → active Parquet files of its standard table.
    """
    for number, reference in enumerate(batch.contract.references):
        name = f"reference.{'+'.join(reference.columns)}→{reference.dataset}"
        absent = batch.missing(name, reference.columns, "0 unknown")
        if absent or not batch.columns:
            yield absent or _check(name, reference, "0 unknown; 0 empty", None)
            continue
        active = files.get(reference.dataset, ())
        if not active:
            values = {"dataset": batch.contract.dataset, "referenced": reference.dataset}
            yield _check(name, reference, "nothing to compare with", Problem("REFERENCE_EMPTY", values))
            continue
        types = create_parquet_view(batch.connection, f"referenced_{number}", active)
        yield judge_reference(batch.staged, name, reference, f"referenced_{number}", types)


def judge_reference(
    checked: CheckedRows, name: str, reference: ReferenceRule, table: str, types: Mapping[str, str]
) -> CheckResult:
    """Return the check of one reference against the view ``table``, whose columns have DuckDB ``types``."""
    gone = [key for key in reference.keys if key not in types]
    if gone:
        place = f"{reference.dataset}.{', '.join(gone)}"
        problem = Problem("AUDIT_COLUMN_UNKNOWN", {"dataset": checked.subject, "check": name, "columns": place})
        return _check(name, reference, f"no column {place}", problem)
    unknown, empty, examples = _compare(checked, reference, table, types)
    values: dict[str, str | int] = {
        "dataset": checked.subject,
        "columns": ", ".join(reference.columns),
        "referenced": reference.dataset,
        "unknown": unknown,
        "empty": empty,
        "examples": ", ".join(examples) or "—",
    }
    named = f" ({', '.join(examples)})" if examples else ""
    observed = f"{unknown:,} unknown{named}; {empty:,} empty"
    if reference.share < 1:
        return _judge_share(checked, name, reference, values, observed)
    missing = Problem("REFERENCE_MISSING", values) if unknown or empty else None
    return _check(name, reference, observed, missing)


def _judge_share(
    checked: CheckedRows, name: str, reference: ReferenceRule, values: Mapping[str, str | int], observed: str
) -> CheckResult:
    """Whether at least the promised share of the rows has a match; a row with an empty key has none."""
    rows = int(checked.one(f"SELECT count(*) FROM {checked.view}")[0])
    share = 1 - (int(values["unknown"]) + int(values["empty"])) / rows if rows else 1.0
    shown = {"share": f"{share:.2%}", "least": f"{reference.share:.2%}"}
    problem = Problem("REFERENCE_SHARE_LOW", {**values, **shown}) if share < reference.share else None
    return _check(name, reference, f"{share:.2%}: {observed}", problem)


def _compare(
    checked: CheckedRows, reference: ReferenceRule, table: str, types: Mapping[str, str]
) -> tuple[int, int, tuple[str, ...]]:
    """Return the number of rows without a match, of rows with an empty key, and the most frequent unmatched values."""
    mine = [f"m.c{i}" for i in range(len(reference.columns))]
    # Group first, so that the join gets each distinct value once.
    values = ", ".join(f"{quote_column(column)} AS c{i}" for i, column in enumerate(reference.columns))
    # try_cast: a value that cannot be cast to the other table's type counts as unmatched and does not fail the query.
    equal = " AND ".join(
        f"try_cast({c} AS {types[key]}) = r.{quote_column(key)}" for c, key in zip(mine, reference.keys, strict=True)
    )
    present = " AND ".join(f"{column} IS NOT NULL" for column in mine)
    shown = ", ".join(f"{column}::VARCHAR" for column in mine)
    unknown, empty, examples = checked.one(f"""
        WITH m AS (SELECT {values}, count(*) AS n FROM {checked.view} GROUP BY ALL),
        lost AS (SELECT n, concat_ws(' / ', {shown}) AS v FROM m ANTI JOIN {table} r ON {equal} WHERE {present})
        SELECT (SELECT coalesce(sum(n), 0) FROM lost),
               (SELECT coalesce(sum(n), 0) FROM m WHERE NOT ({present})),
               (SELECT list(v ORDER BY n DESC, v) FROM (FROM lost ORDER BY n DESC, v LIMIT {MAX_EXAMPLES}))""")
    return int(unknown), int(empty), tuple(examples or ())


def _check(name: str, reference: ReferenceRule, observed: str, problem: Problem | None) -> CheckResult:
    severity: Literal["error", "warning"] = "error" if reference.severity == "error" else "warning"
    expected = "0 unknown" if reference.share == 1 else f"≥ {reference.share:.2%} with a match"
    return CheckResult(name, problem is None, severity, observed, expected, problem)
