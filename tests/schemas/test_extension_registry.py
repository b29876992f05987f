"""Built-in extensions are declared like those of others, and what is missing or broken is named."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import TypeAdapter, ValidationError

from citylake.pipelines.marts.functions.function_api import FunctionSet
from citylake.pipelines.marts.make.spatial_extension import load_spatial_extension
from citylake.pipelines.parse.format_api import load_format
from citylake.pipelines.pull.connector_api import load_connector
from citylake.schemas.lint.lint_functions import duckdb_functions
from citylake.schemas.model.extension_registry import BUILT_IN_EXTENSIONS, extension_names, load_extension
from citylake.schemas.model.source import Source
from citylake.schemas.sql.spatial_names import spatial_functions
from citylake.schemas.words.errors import CitylakeError

ROOT = Path(__file__).parents[2]


def test_the_entry_points_of_the_package_are_those_that_a_checkout_falls_back_to() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    assert {group: declared[group] for group in BUILT_IN_EXTENSIONS} == BUILT_IN_EXTENSIONS


@pytest.mark.parametrize("name", BUILT_IN_EXTENSIONS["citylake.connectors"])
def test_a_built_in_connector_goes_by_the_name_that_its_settings_have(name: str) -> None:
    connector = load_connector(name)
    assert connector.source_model.model_fields["connector"].annotation.__args__ == (name,)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", BUILT_IN_EXTENSIONS["citylake.formats"])
def test_a_built_in_format_goes_by_the_name_that_its_settings_have(name: str) -> None:
    assert load_format(name).format_model.model_fields["type"].default == name


def test_every_declared_function_exists_after_its_registration() -> None:
    with duckdb.connect() as connection:
        for name in extension_names("citylake.functions"):
            found: FunctionSet = load_extension("citylake.functions", name)
            found.register(connection, "Asia/Shanghai")
            found.register_by_calendar(connection, lambda day: day.weekday() < 5)
            rows = connection.execute("SELECT function_name FROM duckdb_functions()").fetchall()
            assert set(found.signatures) <= {row[0] for row in rows}


def test_lint_knows_the_functions_of_the_duckdb_that_is_installed() -> None:
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT DISTINCT lower(function_name) FROM duckdb_functions()").fetchall()
    words = {name for (name,) in rows if name.replace("_", "").isalnum() and not name.startswith("__internal")}
    assert duckdb_functions() == words, "write the names into schemas/sql/duckdb_functions.txt again"


def test_lint_knows_the_functions_of_the_spatial_extension() -> None:
    names = "SELECT DISTINCT lower(function_name) FROM duckdb_functions()"
    with duckdb.connect() as connection:
        before = set(connection.execute(names).fetchall())
        load_spatial_extension(connection)
        added = {name for (name,) in set(connection.execute(names).fetchall()) - before}
    assert spatial_functions() == {name for name in added if name.startswith("st_")}


def test_an_unknown_connector_is_reported_with_the_nearest_names() -> None:
    with pytest.raises(CitylakeError) as refused:
        load_connector("arcgiss")
    assert refused.value.code == "CONNECTOR_UNKNOWN"
    assert refused.value.values["suggestion"] == "arcgis"


@pytest.mark.parametrize(
    ("source", "place", "kind"),
    [
        ({"path": "a.csv", "format": "csv"}, ("connector",), "missing"),
        ({"connector": "filse", "path": "a.csv", "format": "csv"}, ("connector",), "extension_fault"),
        ({"connector": "files", "path": "a.csv", "format": "cvs"}, ("files", "format", "type"), "extension_fault"),
        ({"connector": "files", "path": "a.csv", "format": {"type": "csv", "quoet": "'"}}, (), "extra_forbidden"),
        ("a.csv", (), "dict_type"),
    ],
)
def test_a_fault_of_a_source_is_located(source: Any, place: tuple[str, ...], kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Source).validate_python(source)
    (fault,) = refused.value.errors()
    assert fault["type"] == kind
    assert fault["loc"] == (place or fault["loc"])
