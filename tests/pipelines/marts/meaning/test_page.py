"""The SQL in docs/marts.md is refused or right, as the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from citylake.pipelines.marts.make.delta_views import create_typed_table
from citylake.pipelines.marts.make.duckdb_types import standard_table_types
from citylake.pipelines.marts.meaning.check_meaning import check_select
from citylake.pipelines.marts.meaning.findings import ALLOWANCE_WORDS
from citylake.pipelines.marts.plan.bound_select import bind_select
from citylake.schemas.read.registry import Registry, load_registry

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/marts.md").read_text("utf-8")
SHOWN = re.findall(r"```sql\n-- (refused: [A-Z_]+|right)\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def demo() -> Registry:
    return load_registry(ROOT / "workspaces/demo")


@pytest.fixture(scope="module")
def tables(demo: Registry) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for name, contract in demo.contracts.items():
            create_typed_table(connection, tuple(name.split(".")), standard_table_types(contract, demo))
        yield connection


@pytest.mark.parametrize(("said", "sql"), SHOWN)
def test_it_is_what_the_page_says(said: str, sql: str, demo: Registry, tables: duckdb.DuckDBPyConnection) -> None:
    found = check_select(bind_select(tables, sql), Path("t.sql"), None, demo)
    assert [each.code for each in found] == ([] if said == "right" else [said.removeprefix("refused: ")])


def test_the_page_has_every_code_and_word() -> None:
    assert len(SHOWN) >= 8
    for code, word in ALLOWANCE_WORDS.items():
        assert f"`{code}`" in PAGE
        assert f"`{word}`" in PAGE
