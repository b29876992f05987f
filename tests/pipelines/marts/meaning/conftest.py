"""One DuckDB with the empty tables of the corpora, and the check of one SELECT over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from citylake.pipelines.marts.functions.function_api import register_mart_functions
from citylake.pipelines.marts.make.delta_views import create_typed_table
from citylake.pipelines.marts.make.duckdb_types import standard_table_types
from citylake.pipelines.marts.meaning.check_meaning import check_select
from citylake.pipelines.marts.plan.bound_select import bind_select
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.mart import MartTable
from citylake.schemas.read.registry import Registry, load_registry

HERE = Path(__file__).parent
Check = Callable[..., list[LintFault]]


@pytest.fixture(scope="session")
def meaning_registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The packs, the elements of the corpora, and a contract for each of their tables."""
    root = tmp_path_factory.mktemp("meaning")
    packs = "[base, aviation, energy, environment, government, traffic, transit]"
    (root / "workspace.yaml").write_text(f"name: {{zh: 语义, en: meaning}}\npacks: {packs}\n")
    registry = load_registry(root)
    for name, words in yaml.safe_load((HERE / "elements.yaml").read_text("utf-8")).items():
        registry.elements[name] = _element(name, words)
    for name, told in yaml.safe_load((HERE / "tables.yaml").read_text("utf-8")).items():
        registry.contracts[name] = _contract(name, told)
    return registry


@pytest.fixture(scope="session")
def meaning_tables(meaning_registry: Registry) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables, without rows."""
    with duckdb.connect() as connection:
        register_mart_functions(connection, "Asia/Shanghai")
        for name, contract in meaning_registry.contracts.items():
            create_typed_table(connection, tuple(name.split(".")), standard_table_types(contract, meaning_registry))
        yield connection


@pytest.fixture(scope="session")
def check(meaning_registry: Registry, meaning_tables: duckdb.DuckDBPyConnection) -> Check:
    """The findings in a SELECT whose columns mean what ``columns`` says."""

    def found(sql: str, columns: dict[str, Any] | None = None) -> list[LintFault]:
        table = MartTable(title={"zh": "表", "en": "table"}, grain=("a",), columns=columns) if columns else None
        return list(check_select(bind_select(meaning_tables, sql), Path("t.sql"), None, meaning_registry, table))

    return found


def _element(name: str, words: dict[str, Any]) -> DataElement:
    said = {"zh": name, "en": name}
    told = {"id": name, "symbol": name.split(".")[1], "name": said, "definition": said}
    return DataElement.model_validate({**told, "object_class": "对象", "property": "特性", **words})


def _contract(name: str, told: dict[str, Any]) -> Contract:
    fields = {column: {"element": element, "column": column} for column, element in told["columns"].items()}
    source = {"connector": "files", "path": "x.csv", "format": "csv"}
    head = {"dataset": name, "title": {"zh": name, "en": name}, "owner": {"department": "局"}, "source": source}
    return Contract.model_validate({**head, "fields": fields, "write": told["write"]})
