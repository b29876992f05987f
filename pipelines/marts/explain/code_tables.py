"""Schema ``codes`` of a published file: a table for each code list that its columns use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.info_table import OUT, comment_on, literal, write_info_table
from citylake.pipelines.marts.explain.lake_lookup import LakeLookup
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.schemas.model.code_list import CodeList, CodeValue

CODES: Final = "codes"
"""The schema of code tables."""
MOST_CODES: Final = 5000
"""Of a longer list, only the codes that the mart holds are written."""
_SHAPE: Final = {
    "code": "VARCHAR", "name_zh": "VARCHAR", "name_en": "VARCHAR", "valid_from": "DATE", "valid_to": "DATE",
    "parent": "VARCHAR", "level": "INTEGER", "successors": "VARCHAR[]",
}  # fmt: skip


def write_code_tables(facts: FileFacts, lookups: Mapping[str, LakeLookup]) -> dict[str, str]:
    """Write a table for each code list that columns of the file use; return code list → table.

    A list whose values are rows of a dataset has the codes that the file holds; it has no table if the readers of the
    mart may not have the names.
    """
    used = {
        codes.id: codes for table, column, _ in facts.element_columns() if (codes := facts.code_list(table, column))
    }
    written: dict[str, str] = {}
    for name, codes in sorted(used.items()):
        table = _table_name(name, written.values())
        if codes.table is None:
            _write_listed(facts, codes, table)
        elif name in lookups:
            _write_stored(facts, codes, lookups[name], table)
        else:
            continue
        comment_on(facts.connection, "TABLE", (CODES, table), "codes_of", list=name, **_titles(codes))
        written[name] = table
    return written


def held_values(facts: FileFacts, codes: str = "", element: str = "") -> str:
    """Return a SELECT of the values of all columns of a code list or an element, as texts."""
    columns = [
        (table, column)
        for table, column, each in facts.element_columns()
        if (each.codes == codes if codes else each.id == element)
    ]
    return " UNION ".join(
        f"SELECT {sql_identifier(column)}::VARCHAR AS held FROM {sql_identifier(OUT, 'main', table)}"
        for table, column in columns
    )


def _titles(codes: CodeList) -> dict[str, str]:
    return {"name_zh": codes.name.zh, "name_en": codes.name.en, "standard": codes.standard or "—"}


def _table_name(codes: str, taken: Iterable[str]) -> str:
    """``air.aqi_class`` → ``air_aqi_class``; the id itself if another list has that name already."""
    name = codes.replace(".", "_")
    return codes if name in taken else name


def _write_listed(facts: FileFacts, codes: CodeList, table: str) -> None:
    values: Iterable[CodeValue] = codes.values
    if len(codes.values) > MOST_CODES:
        held = {value for (value,) in facts.connection.execute(held_values(facts, codes=codes.id)).fetchall()}
        values = (each for each in codes.values if each.code in held)
    write_info_table(facts.connection, (CODES, table), _SHAPE, list(_rows(codes, values)), "codes")


def _rows(codes: CodeList, values: Iterable[CodeValue]) -> Iterator[tuple[object, ...]]:
    editions = {edition.edition: edition for edition in codes.editions}
    level = codes.dimension.level if codes.dimension else None
    for value in values:
        edition = editions.get(value.edition or "")
        valid_from = value.valid_from or (edition.valid_from if edition else None)
        valid_to = value.valid_to or (edition.valid_to if edition else None)
        names = (value.code, value.name.zh, value.name.en)
        yield (*names, valid_from, valid_to, value.parent, value.level or level, value.successors)


def _write_stored(facts: FileFacts, codes: CodeList, lookup: LakeLookup, table: str) -> None:
    told = codes.table
    assert told is not None
    level = codes.dimension.level if codes.dimension else None

    def column(name: str | None, kind: str) -> str:
        return f"TRY_CAST({sql_identifier(name)} AS {kind})" if name in lookup.columns and name else f"NULL::{kind}"

    held = held_values(facts, codes=codes.id)
    texts = f"string_split({column(told.successors, 'VARCHAR')}, ',')"
    select = f"""
        SELECT DISTINCT {sql_identifier(told.code)}::VARCHAR, {column(told.name, "VARCHAR")}, NULL::VARCHAR,
            {column(told.valid_from, "DATE")}, {column(told.valid_to, "DATE")}, {column(told.parent, "VARCHAR")},
            coalesce({column(told.level, "INTEGER")}, {literal(level)}), {texts}
        FROM {lookup.view} WHERE {sql_identifier(told.code)}::VARCHAR IN (SELECT held FROM ({held}))
        ORDER BY ALL"""
    write_info_table(facts.connection, (CODES, table), _SHAPE, (), "codes")
    facts.connection.execute(f"INSERT INTO {sql_identifier(OUT, CODES, table)} {select}")
