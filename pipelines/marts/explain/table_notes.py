"""``_tables``, ``_inputs`` and ``_questions`` of a published file: its tables, their inputs, what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from deltalake.exceptions import DeltaError

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.marts.explain.column_origins import OriginFinder
from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.info_table import OUT, write_info_table
from citylake.pipelines.marts.gate.allowances import read_allowances
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.suppression import flag_column
from citylake.schemas.read.sharing_class import dataset_sharing
from citylake.schemas.words.message_catalogue import translations_of

_TABLES: Final = {
    "table_name": "VARCHAR", "title_zh": "VARCHAR", "title_en": "VARCHAR", "description_zh": "VARCHAR",
    "description_en": "VARCHAR", "grain": "VARCHAR[]", "row_count": "BIGINT", "day_column": "VARCHAR",
    "day_from": "DATE", "day_to": "DATE", "owner": "VARCHAR", "steward": "VARCHAR", "caveats_zh": "VARCHAR[]",
    "caveats_en": "VARCHAR[]", "inputs": "VARCHAR[]", "sql": "VARCHAR",
}  # fmt: skip
_QUESTIONS: Final = {"question": "VARCHAR", "text_zh": "VARCHAR", "text_en": "VARCHAR", "sql": "VARCHAR"}
_INPUTS: Final = {
    "input": "VARCHAR", "kind": "VARCHAR", "title_zh": "VARCHAR", "title_en": "VARCHAR", "department": "VARCHAR",
    "steward": "VARCHAR", "delta_version": "BIGINT", "changed_at": "TIMESTAMPTZ", "sharing": "VARCHAR",
}  # fmt: skip


def write_table_notes(facts: FileFacts, origins: OriginFinder) -> None:
    """Write ``_tables``: one row a table."""
    rows = [list(_table_row(facts, name, origins)) for name in facts.mart.tables]
    write_info_table(facts.connection, ("_tables",), _TABLES, rows, "tables")


def write_input_notes(facts: FileFacts) -> None:
    """Write ``_inputs``: one row for each dataset, table of another mart and entity that was read."""
    rows = [list(_input_row(facts, name, version)) for name, version in sorted(facts.built.inputs.items())]
    write_info_table(facts.connection, ("_inputs",), _INPUTS, rows, "inputs")


def write_question_notes(facts: FileFacts) -> None:
    """Write ``_questions``: one row for each question that the mart declares, in its order."""
    rows = [(each.id, each.text.zh, each.text.en, each.sql.strip()) for each in facts.mart.questions]
    write_info_table(facts.connection, ("_questions",), _QUESTIONS, rows, "questions")


def _table_row(facts: FileFacts, name: str, origins: OriginFinder) -> Iterator[object]:
    table = facts.mart.tables[name]
    owner = table.owner or facts.mart.owner
    yield from (name, table.title.zh, table.title.en)
    yield from (table.description.zh, table.description.en) if table.description else (None, None)
    yield from (table.grain, facts.rows(name), table.day, *(facts.day_span(name) or (None, None)))
    yield from (owner.department, owner.steward) if owner else (None, None)
    caveats = list(_caveats(facts, name))
    yield from ([each.zh for each in caveats], [each.en for each in caveats])
    yield from (origins.tables(f"mart.{facts.mart.mart}.{name}"), facts.plans[name].sql)


def _caveats(facts: FileFacts, name: str) -> Iterator[LocalizedText]:
    table = facts.mart.tables[name]
    yield from table.caveats
    datasets = facts.datasets_of(name)
    for gap in facts.built.gaps:
        if gap.dataset in datasets:
            ends = {"first": gap.days[0][0], "last": gap.days[-1][1], "spans": len(gap.days)}
            yield _said("caveat_incomplete", dataset=gap.dataset, department=gap.department, **ends)
    if facts.built.held:
        yield _said("caveat_waiting", days=", ".join(day.isoformat() for day in sorted(facts.built.held)))
    for column in table.suppress.columns if table.suppress else ():
        flag = flag_column(column)
        if table.suppress and flag in facts.shapes[name]:
            sql = f"SELECT count(*) FILTER ({sql_identifier(flag)}) FROM {sql_identifier(OUT, 'main', name)}"
            (hidden,) = facts.connection.execute(sql).fetchone() or (0,)
            yield _said("caveat_suppressed", column=column, threshold=table.suppress.threshold, hidden=hidden)
    for each in read_allowances(facts.plans[name].sql):
        yield _said("caveat_allowed", word=each.word, line=each.line, why=each.why)


def _said(key: str, **values: object) -> LocalizedText:
    text = translations_of(f"mart_file.{key}")
    assert text is not None, key
    return LocalizedText(zh=text.zh.format_map(values), en=text.en.format_map(values))


def _input_row(facts: FileFacts, name: str, version: int) -> Iterator[object]:
    registry, parts = facts.registry, name.split(".")
    if contract := registry.contracts.get(name):
        sharing = dataset_sharing(contract, registry)
        owner, root, title = contract.owner, facts.lake.standard(name), contract.title
        yield from (name, "dataset", title.zh, title.en, owner.department, owner.steward, version)
        yield from (_changed_at(facts, root, version), sharing.sharing_class if sharing else None)
    elif parts[0] == "mart" and len(parts) == 3:
        mart = registry.marts[parts[1]]
        title, by = mart.tables[parts[2]].title, mart.tables[parts[2]].owner or mart.owner
        yield from (name, "mart", title.zh, title.en, *((by.department, by.steward) if by else (None, None)), version)
        yield from (_changed_at(facts, facts.lake.curated(parts[1], parts[2]), version), None)
    else:
        entity = registry.entities.get(parts[-1])
        title_zh, title_en = (entity.name.zh, entity.name.en) if entity else (None, None)
        yield from (name, "entity", title_zh, title_en, None, None, version)
        yield from (_changed_at(facts, facts.lake.curated(*parts), version), None)


def _changed_at(facts: FileFacts, root: str, version: int) -> datetime | None:
    """When the version of a table that was read was committed; None if its log does not reach so far back."""
    try:
        table = open_delta_if_exists(facts.lake, root, version) if version >= 0 else None
        entries = table.history(1) if table else []
    except DeltaError:
        return None
    # Arithmetic from 1970: a timestamp may lie outside the years that the operating system converts.
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=entries[0]["timestamp"]) if entries else None
