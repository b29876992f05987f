"""Row rules from a contract: SQL conditions over standard columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

import polars as pl

from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.contract_rule import ContractRule
from citylake.schemas.sql.sql_columns import condition_columns, replace_columns
from citylake.schemas.words.errors import CitylakeError


def contract_rules(
    contract: Contract,
    columns: Collection[str],
    refused: Mapping[str, pl.Expr],
    absent: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[RowRule]:
    """Yield one row rule for each of ``contract.rules``.

    ``absent`` maps each column that the source lacks to the SQL that stands for it: a null of its type. ``refused``
    maps each column whose values can be refused to a Boolean expression that is true if it was. A condition over a
    refused value is unknown, so the rule is not broken. Raises RULE_UNREADABLE if a condition is not valid SQL.
    """
    for rule in contract.rules:
        refuses = tuple(name for name in rule.refuse if name in columns)
        if rule.refuse and not refuses:
            # Its columns are optional and absent: there is no value to refuse.
            continue
        condition = _condition(rule, absent)
        names = [name for name in condition.meta.root_names() if name in columns]
        unknown = [refused[name] for name in names if name in refused]
        known = condition & ~pl.any_horizontal(unknown) if unknown else condition
        shown = [pl.format(name + "={}", pl.col(name).cast(pl.String).fill_null("∅")) for name in names]
        value = pl.concat_str(shown, separator=", ") if shown else None
        words = rule.text.en if rule.text else rule.when
        yield RowRule(
            rule.issue,
            ", ".join(names),
            known,
            rule.severity,
            value=value,
            detail_text=words,
            over=tuple(names),
            refuses=refuses,
        )


def _condition(rule: ContractRule, absent: Mapping[str, str]) -> pl.Expr:
    # Polars would run a SELECT within the condition, and read the files that it names.
    if isinstance(reason := condition_columns(rule.when), str):
        raise CitylakeError("RULE_UNREADABLE", issue=rule.issue, reason=f"{reason}: {rule.when}")
    try:
        return pl.sql_expr(replace_columns(rule.when, absent) if absent else rule.when)
    except Exception as error:
        raise CitylakeError("RULE_UNREADABLE", issue=rule.issue, reason=str(error)) from error
