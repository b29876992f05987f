"""Builds the Great Expectations suite of a dataset's standard table from its contract and the registry."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from great_expectations import ExpectationSuite, expectations

from citylake.quality.audit.check_severity import declared_severity
from citylake.quality.duckdb_views import quote_column
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.contract_rule import ContractRule
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.column_protection import protected_columns
from citylake.schemas.read.contract_columns import REFUSED_COLUMN, can_refuse_values
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.sql_columns import condition_columns

gxe: Any = expectations
"""Great Expectations' expectation classes as Any: the package does not export them to type checkers."""

MAX_SET_SIZE = 500
"""Maximum number of codes listed in an expectation. A longer code list is only named, because nobody would read it."""


def build_suite(contract: Contract, registry: Registry, present: Collection[str] | None = None) -> ExpectationSuite:
    """Return the suite of a dataset's standard table.

    ``present``: the columns of the table. Optional columns that are not in it are skipped; None includes them all.
    Raises KeyError if the contract binds an undeclared element.
    """
    columns = _columns(contract, registry, present)
    known = protected_columns(contract, registry)
    # Their values were judged before they were replaced.
    protected = frozenset(name for name, each in known.items() if each.protection != "none")
    return ExpectationSuite(
        name=contract.dataset,
        expectations=[
            *_table(contract),
            *_present(contract, registry, columns),
            *_values(registry, {name: each for name, each in columns.items() if name not in protected}),
            *_rules(contract, present, protected),
        ],
    )


def _table(contract: Contract) -> Iterator[Any]:
    rows = contract.expect.rows
    least = (rows.min if rows else None) or 1
    yield gxe.ExpectTableRowCountToBeBetween(min_value=least, severity=_severity(contract, "rows.min"))
    # In the other modes keys repeat: a table with history has one row per change of a key, an appended log any number.
    if contract.write.mode in ("upsert", "replace"):
        key = contract.write.key
        if len(key) > 1:
            yield gxe.ExpectCompoundColumnsToBeUnique(column_list=list(key))
        elif key:
            yield gxe.ExpectColumnValuesToBeUnique(column=key[0])
        for columns in dict.fromkeys(contract.expect.unique):
            if columns != key:
                yield _unique(columns, _severity(contract, f"unique.{'+'.join(columns)}"))


def _unique(columns: tuple[str, ...], severity: str) -> Any:
    """Expect that a set of columns occurs once; as in the audit, a row with a null in the set repeats nothing.

    Several columns are grouped in SQL: Great Expectations fails a table of which it ignores every row.
    """
    if len(columns) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=columns[0], severity=severity)
    listed = ", ".join(map(quote_column, columns))
    present = " AND ".join(f"{quote_column(column)} IS NOT NULL" for column in columns)
    query = f"SELECT {listed}, count(*) AS repeats FROM {{batch}} WHERE {present} GROUP BY {listed} HAVING count(*) > 1"
    description = f"{', '.join(columns)}: every combination occurs once"
    return gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, description=description, severity=severity)


def _severity(contract: Contract, name: str) -> str:
    """Great Expectations' word for the severity of a check: ``error`` is ``critical``."""
    return "warning" if declared_severity(name, contract.expect.severity) == "warning" else "critical"


def _columns(contract: Contract, registry: Registry, present: Collection[str] | None) -> dict[str, str]:
    """Return column → element id, without the optional columns that are absent from the table."""
    bindings = contract.fields.values()
    optional = {each.column or registry.elements[each.element].symbol for each in bindings if each.optional}
    absent = set() if present is None else optional - set(present)
    return {column: element for column, element in registry.columns(contract).items() if column not in absent}


def _present(contract: Contract, registry: Registry, columns: Mapping[str, str]) -> Iterator[Any]:
    required = {
        binding.column or registry.elements[binding.element].symbol
        for binding in contract.fields.values()
        if binding.required
    }
    for column in columns:
        yield gxe.ExpectColumnToExist(column=column)
        if column in required or column in contract.write.key:
            yield gxe.ExpectColumnValuesToNotBeNull(column=column)
    for column, share in contract.expect.completeness.items():
        severity = _severity(contract, f"completeness.{column}")
        yield gxe.ExpectColumnValuesToNotBeNull(column=column, mostly=share, severity=severity)


def _values(registry: Registry, columns: Mapping[str, str]) -> Iterator[Any]:
    for column, element_id in columns.items():
        element = registry.elements[element_id]
        if element.range:
            yield gxe.ExpectColumnValuesToBeBetween(
                column=column, min_value=element.range[0], max_value=element.range[1]
            )
        if element.codes and (codes := registry.codes.get(element.codes)) and codes.values:
            yield _coded(column, codes)
        if element.pattern:
            yield _patterned(column, element)


def _coded(column: str, codes: CodeList) -> Any:
    values = [value.code for value in codes.values]
    if not codes.extensible and len(values) <= MAX_SET_SIZE:
        return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=values)
    listed = ", ".join(map(_literal, values))
    own = "".join(
        f" AND NOT {quote_column(column)} BETWEEN {_literal(span.first)} AND {_literal(span.last)}"
        for span in codes.extensible
    )
    description = f"{column}: every value is in the code list {codes.id} ({codes.name.zh} · {codes.name.en})"
    return _no_rows(f"{quote_column(column)} NOT IN ({listed}){own}", description)


def _patterned(column: str, element: DataElement) -> Any:
    pattern = element.pattern or ""
    description = f"{column}: every value of {element.name.zh} · {element.name.en} matches {pattern}"
    # Like the row rule, which finds the pattern anywhere in the text: `^` and `$` are part of a pattern.
    return _no_rows(f"NOT regexp_matches({quote_column(column)}, {_literal(pattern)})", description)


def _rules(contract: Contract, present: Collection[str] | None, protected: Collection[str]) -> Iterator[Any]:
    refuses = can_refuse_values(contract) and (present is None or REFUSED_COLUMN in present)
    for rule in contract.rules:
        used = condition_columns(rule.when)
        if not isinstance(used, str) and not used.isdisjoint(protected):
            continue
        meaning = f" ({rule.text.zh} · {rule.text.en})" if rule.text else ""
        severity = "critical" if rule.severity == "error" else rule.severity
        yield _no_rows(
            _sound_where(rule) if refuses else rule.when, f"{rule.issue}{meaning}: no row where {rule.when}", severity
        )


def _sound_where(rule: ContractRule) -> str:
    """The condition of a rule, which is unknown for a row of which one of its values was refused."""
    used = condition_columns(rule.when)
    if isinstance(used, str) or not used:
        return rule.when
    listed = ", ".join(map(_literal, sorted(used)))
    return f"({rule.when}) AND NOT coalesce(list_has_any(string_split({REFUSED_COLUMN}, ','), [{listed}]), false)"


def _no_rows(condition: str, description: str, severity: str = "critical") -> Any:
    """Expect that no row meets ``condition``. SQL, because Great Expectations has no regular expressions on DuckDB."""
    # The query is a template in which {batch} is the table, so other braces are doubled.
    doubled = condition.replace("{", "{{").replace("}", "}}")
    query = f"SELECT * FROM {{batch}} WHERE {doubled}"
    return gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, description=description, severity=severity)


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
