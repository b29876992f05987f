"""The values that a source's field may have, where its binding has a closed list of them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn, bind_columns, cell_fields
from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import current_language

Choices = Mapping[str, str]
"""What a person chooses from (code and name) → the text to put in place of the source's."""


def correction_choices(
    contract: Contract, registry: Registry, lake: Lake, language: str | None = None
) -> dict[str, Choices]:
    """Return the choices by source field; fields with free values have none.

    ``language``: of the names; by default that of this process.
    """
    found, language = {}, language or current_language()
    for bound in bind_columns(contract, registry):
        fields = cell_fields(bound)
        if len(fields) == 1 and (choices := _choices_of(bound, registry, lake, language)):
            found[fields[0]] = choices
    return found


def chosen_texts(contract: Contract, registry: Registry, lake: Lake) -> dict[str, Choices]:
    """Return the same with the names in both languages: a file may have been exported in either."""
    found: dict[str, dict[str, str]] = {}
    for language in ("zh", "en"):
        for name, choices in correction_choices(contract, registry, lake, language).items():
            found.setdefault(name, {}).update(choices)
    return dict(found)


def _choices_of(bound: BoundColumn, registry: Registry, lake: Lake, language: str) -> Choices:
    binding = bound.binding
    if binding.join or binding.split or binding.separator:
        return {}
    if binding.lookup:
        return {name: name for name in registry.crosswalks[binding.lookup].pairs}
    if bound.codes:
        return _code_choices(registry.codes[bound.codes], lake, language)
    return {word: word for word in (*binding.true, *binding.false)}


def _code_choices(codes: CodeList, lake: Lake, language: str) -> Choices:
    if codes.table is None:
        return {_display(value.code, value.name.say(language)): value.code for value in codes.values}
    rows = scan_lake_table(lake, lake.standard(codes.table.dataset))
    if rows is None:
        return {}
    names = [pl.col(name).cast(pl.String) for name in (codes.table.code, codes.table.name)]
    pairs = rows.select(names[0].alias("code"), names[1].alias("name")).drop_nulls("code").unique().sort("code")
    found = pairs.collect(engine="streaming").iter_rows()
    return {_display(code, name or ""): code for code, name in found}


def _display(code: str, name: str) -> str:
    return f"{code} {name}".strip()
