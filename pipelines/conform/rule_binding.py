"""Whether the conditions of rules run: polars binds each to the typed columns of its dataset, without any rows."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from citylake.pipelines.conform.bind.bound_column import bind_columns
from citylake.pipelines.conform.bind.conform_plan import partition_column_name
from citylake.pipelines.conform.bind.typed_values import POLARS_TYPES
from citylake.quality.rules.contract_rules import contract_rules
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import derived_columns
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

_ROWS = 2
"""Rows without values: a function over several rows would return another number of them."""


def check_rule_binding(registry: Registry) -> Iterator[LintFault]:
    """RULE_UNREADABLE for every condition that polars cannot run: a function, an operator or a type that it refuses.

    The registry has no errors that :func:`citylake.schemas.lint.lint_errors` finds.
    """
    for contract in registry.contracts.values():
        if contract.rules:
            rows = pl.DataFrame(schema=_row_schema(contract, registry)).clear(_ROWS)
            for number, reason in _unbound_rules(contract, rows):
                place = contract_location(registry, contract.dataset, "rules", number, "when")
                values = {"issue": contract.rules[number].issue, "reason": reason}
                yield LintFault("RULE_UNREADABLE", place, values)


def _unbound_rules(contract: Contract, rows: pl.DataFrame) -> Iterator[tuple[int, str]]:
    for number, rule in enumerate(contract.rules):
        alone = contract.model_copy(update={"rules": (rule.model_copy(update={"refuse": ()}),)})
        try:
            (bound,) = contract_rules(alone, rows.columns, {})
            judged = rows.select(bound.broken.alias(rule.issue)).to_series()
        except CitylakeError as error:
            yield number, str(error.values["reason"])
        except Exception as error:
            yield number, str(error).splitlines()[0]
        else:
            if judged.dtype not in (pl.Boolean, pl.Null):
                yield number, f"{judged.dtype} ≠ {pl.Boolean()}"
            elif len(judged) != _ROWS:
                yield number, f"{len(judged)} ≠ {_ROWS}"


def _row_schema(contract: Contract, registry: Registry) -> dict[str, pl.DataType | type[pl.DataType]]:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {}
    for bound in bind_columns(contract, registry):
        kinds = {bound.column: bound.element.type, **derived_columns(bound.column, bound.binding, bound.element)}
        schema |= {name: POLARS_TYPES[kind] for name, kind in kinds.items()}
    if name := partition_column_name(contract):
        schema[name] = pl.Date if name == "_day" else pl.String
    return schema
