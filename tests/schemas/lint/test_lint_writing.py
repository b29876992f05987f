"""How rows come and how they are written must go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.lint import lint_workspace

HANDED = """
dataset: place.handed
title: {zh: 交换, en: handed over}
owner: {department: 交通局}
source: {connector: database, connection: front, table: t, %s}
write: {%s}
fields:
  code: {element: place.site_code}
  kind: {element: traffic.kind}
"""
EXCHANGE = "exchange: {time: null}"
INCREMENTAL = "incremental: {column: id, overlap: '10'}"
UPSERT = "mode: upsert, key: [site_code]"


def told(clean: Path, source: str, write: str) -> list[tuple[str, str, str]]:
    text = (HANDED % (source, write)).lstrip()
    (clean / "datasets/place/handed.yaml").write_text(text, encoding="utf-8")
    lines = text.splitlines()
    return [(each.code, each.suggestion, lines[each.line - 1].partition(":")[0]) for each in lint_workspace(clean)]


@pytest.mark.parametrize(
    ("source", "write", "code", "suggestion"),
    [
        (INCREMENTAL, "mode: append", "REPEATED_WITHOUT_KEY", "upsert"),
        (EXCHANGE, "mode: append", "REPEATED_WITHOUT_KEY", "upsert"),
        (EXCHANGE, UPSERT, "EXCHANGE_WITHOUT_CHANGES", "changes: true"),
        (INCREMENTAL, f"{UPSERT}, deleted: {{column: vehicle_kind, codes: [K8]}}", "DELETED_CODE_UNKNOWN", "K"),
        (INCREMENTAL, f"{UPSERT}, deleted: {{column: kind, codes: [K1]}}", "COLUMN_UNKNOWN", "vehicle_kind"),
        (INCREMENTAL, "mode: append, changes: true", "DECLARATION_INCONSISTENT", ""),
    ],
)
def test_what_does_not_go_together_is_told_where_it_is_written(
    clean: Path, source: str, write: str, code: str, suggestion: str
) -> None:
    ((found, suggested, line),) = told(clean, source, write)
    assert (found, line) == (code, "write")
    assert suggestion in suggested


@pytest.mark.parametrize(
    "source", ["query: DELETE FROM t", "where: a = 1, exchange: {}, incremental: {column: a}", "format: csv"]
)
def test_a_source_that_cannot_be_is_told(clean: Path, source: str) -> None:
    ((code, _, line),) = told(clean, source, UPSERT)
    assert (code, line) == ("DECLARATION_INCONSISTENT", "source")


def test_what_goes_together_is_clean(clean: Path) -> None:
    assert told(clean, INCREMENTAL, UPSERT) == []
    assert told(clean, EXCHANGE, f"{UPSERT}, changes: true, deleted: {{column: vehicle_kind, codes: [K1]}}") == []
    assert told(clean, "order: [id]", "mode: append") == []
