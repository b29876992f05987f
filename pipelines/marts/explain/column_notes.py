"""``_columns`` of a published file: what each column means, how to add it up, and where its values come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from citylake.pipelines.marts.explain.column_origins import OriginFinder
from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.info_table import write_info_table
from citylake.pipelines.marts.meaning.column_fact import Fact
from citylake.pipelines.marts.meaning.declared_facts import facts_of_table
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.suppression import FLAG_SUFFIX
from citylake.schemas.words.message_catalogue import translations_of

_SHAPE: Final = {
    "table_name": "VARCHAR", "column_name": "VARCHAR", "position": "INTEGER", "type": "VARCHAR", "element": "VARCHAR",
    "name_zh": "VARCHAR", "name_en": "VARCHAR", "text_zh": "VARCHAR", "text_en": "VARCHAR",
    "definition_zh": "VARCHAR", "definition_en": "VARCHAR", "unit": "VARCHAR", "measure": "VARCHAR",
    "aggregate": "VARCHAR", "code_list": "VARCHAR", "code_table": "VARCHAR", "time_zone": "VARCHAR",
    "time_label": "VARCHAR", "grade": "VARCHAR", "openness": "VARCHAR", "personal": "VARCHAR",
    "empty_zh": "VARCHAR", "empty_en": "VARCHAR", "origins": "VARCHAR[]", "source_fields": "VARCHAR[]",
}  # fmt: skip
_SUMS: Final = {"flow": "sum", "stock": "sum at one time"}


def write_column_notes(facts: FileFacts, origins: OriginFinder, codes: Mapping[str, str]) -> None:
    """Write ``_columns``: one row a column. ``codes``: code list → its table in the schema ``codes``."""
    rows = [list(row) for name in facts.mart.tables for row in _rows(facts, name, origins, codes)]
    write_info_table(facts.connection, ("_columns",), _SHAPE, rows, "columns")


def _rows(facts: FileFacts, table: str, origins: OriginFinder, codes: Mapping[str, str]) -> Iterator[Iterator[object]]:
    known = facts_of_table((table,), facts.mart, facts.registry).columns
    for position, column in enumerate(facts.shapes[table], 1):
        own = known.get(column, Fact(column))
        yield _row(facts, table, column, position, own, origins, codes)


def _row(
    facts: FileFacts,
    table: str,
    column: str,
    position: int,
    fact: Fact,
    origins: OriginFinder,
    codes: Mapping[str, str],
) -> Iterator[object]:
    element, declared = facts.element(table, column), facts.mart.tables[table].columns.get(column)
    kind = facts.shapes[table][column]
    yield from (table, column, position, kind, element.id if element else None)
    yield from _both(element.name if element else None)
    yield from _both(declared.text if declared else _flag_text(facts, table, column))
    yield from _both(element.definition if element else None)
    yield from (fact.unit.text if fact.unit else None, fact.measure, aggregate_word(fact))
    list_id = element.codes if element else None
    yield from (list_id, codes.get(list_id or ""))
    yield facts.registry.workspace.settings.timezone if kind == "TIMESTAMP WITH TIME ZONE" else None
    yield fact.label
    sensitivity = element.sensitivity if element else None
    yield from (sensitivity.grade, sensitivity.openness, sensitivity.personal) if sensitivity else (None,) * 3
    yield from _both(_empty_text(facts, table, column))
    found = origins.columns(f"mart.{facts.mart.mart}.{table}", column) if declared else set()
    yield from ((None, None) if found is None else (_dotted(found), origins.fields(found)))


def _dotted(found: set[tuple[str, str]]) -> list[str]:
    return [f"{dataset}.{column}" for dataset, column in sorted(found)]


def aggregate_word(fact: Fact) -> str | None:
    """Return how rows of a column are put together; None if nothing is known."""
    if fact.named:
        return "none"
    if fact.weight:
        return f"mean weighted by {fact.weight.column}"
    return "mean" if fact.measure == "intensity" else _SUMS.get(fact.measure or "")


def _both(text: LocalizedText | None) -> tuple[str | None, str | None]:
    return (text.zh, text.en) if text else (None, None)


def _flag_text(facts: FileFacts, table: str, column: str) -> LocalizedText | None:
    """What a column says that publication adds: whether a count is hidden."""
    rule = facts.mart.tables[table].suppress
    text = translations_of("mart_file.flag")
    if rule is None or text is None:
        return None
    values = {"column": column.removesuffix(FLAG_SUFFIX), "threshold": rule.threshold}
    return LocalizedText(zh=text.zh.format_map(values), en=text.en.format_map(values))


def _empty_text(facts: FileFacts, table: str, column: str) -> LocalizedText | None:
    """What an empty value means: as declared, else what the checks of publication say of it."""
    told = facts.mart.tables[table]
    declared = told.columns.get(column)
    if declared and declared.empty:
        return declared.empty
    if column in told.grain:
        return translations_of("mart_file.empty_never")
    if told.suppress and column in (*told.suppress.columns, *told.suppress.also):
        return translations_of("mart_file.empty_hidden")
    return None
