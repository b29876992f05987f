"""Checks of dimensions: their columns exist, and a name or a key belongs to one dataset; no mart has their names."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location, sub_location
from citylake.schemas.read.contract_columns import contract_columns
from citylake.schemas.read.registry import Registry

_SCHEMAS = {"codes", "dim", "named"}
"""Schemas of every published file: attached under such a name, ``codes.x`` would be two things."""


def check_dimensions(registry: Registry) -> Iterator[LintFault]:
    """COLUMN_UNKNOWN, DIMENSION_TWICE, and MART_NAME_AMBIGUOUS."""
    for mart in sorted(_SCHEMAS & registry.marts.keys()):
        yield LintFault("MART_NAME_AMBIGUOUS", sub_location(registry.places["mart", mart], "mart"), {"mart": mart})
    seen: dict[tuple[str, str], str] = {}
    for contract in registry.contracts.values():
        told, known = contract.dimension, contract_columns(contract, registry)
        if told is None or known is None:
            continue
        for word, column in (("key", told.key), ("label", told.label), *(("columns", each) for each in told.columns)):
            if column not in known:
                near = nearest_words(column, sorted(known))
                values = {"column": column, "where": f"dimension.{word}", "suggestion": near}
                yield LintFault("COLUMN_UNKNOWN", contract_location(registry, contract.dataset, "dimension"), values)
        element = registry.columns(contract).get(told.key, "")
        for what in (("name", told.name), ("key", element)):
            if what[1] and (first := seen.setdefault(what, contract.dataset)) != contract.dataset:
                values = {"name": what[1], "first": first, "dataset": contract.dataset}
                yield LintFault("DIMENSION_TWICE", contract_location(registry, contract.dataset, "dimension"), values)
