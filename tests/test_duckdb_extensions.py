"""DuckDB's extensions load from their wheels, where there is no network."""

from __future__ import annotations

from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import duckdb
import pytest

ASKED = {
    "spatial": ("SELECT ST_AsText(ST_Point(121.5, 31.2))", "POINT (121.5 31.2)"),
    "httpfs": ("SELECT count(*) FROM duckdb_secret_types() WHERE type = 's3'", 1),
    "quack": ("SELECT count(*) FROM duckdb_extensions() WHERE extension_name = 'quack' AND loaded", 1),
}


def _file(name: str) -> Path:
    package = import_module(f"duckdb_extension_{name}")
    return Path(package.__path__[0]) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"


@pytest.mark.parametrize("name", ASKED)
def test_extension_loads_from_its_wheel_without_a_network(name: str, tmp_path: Path) -> None:
    config: dict[str, Any] = {"autoinstall_known_extensions": "false", "extension_directory": str(tmp_path)}
    with duckdb.connect(config=config) as connection:
        connection.execute(f"LOAD '{_file(name)}'")
        query, expected = ASKED[name]
        assert connection.execute(query).fetchone() == (expected,)


@pytest.mark.parametrize("name", ASKED)
def test_extension_was_built_for_the_installed_duckdb(name: str) -> None:
    assert metadata.version(f"duckdb-extension-{name}") == duckdb.__version__
