"""A workspace whose marts are the models of the two corpora."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.schemas.read.registry import load_registry
from citylake.schemas.sql.sql_columns import select_columns

HERE = Path(__file__).parent


def models(corpus: str) -> dict[str, Any]:
    """The models of ``smuggling`` or ``honest``, by name."""
    read: dict[str, Any] = yaml.safe_load((HERE / f"{corpus}.yaml").read_text(encoding="utf-8"))
    return {name: {"tables": {"made": each}} if isinstance(each, str) else each for name, each in read.items()}


def _named(sql: str) -> list[str]:
    found = select_columns(sql) or []
    return found if found and all(found) else ["made"]


def write_model(root: Path, name: str, model: Mapping[str, Any]) -> None:
    """Write one model as the mart ``name`` of the workspace at ``root``."""
    folder = root / "marts" / name
    folder.mkdir(parents=True)
    told = {key: model[key] for key in ("highest", "minimum_group") if key in model}
    tables, title = {}, {"zh": name, "en": name}
    for table, sql in model["tables"].items():
        (folder / f"{table}.sql").write_text(sql, encoding="utf-8")
        columns = model.get("columns", {}).get(table) or _named(sql)
        text = {"text": {"zh": "列", "en": "column"}}
        tables[table] = {
            "title": {"zh": "表", "en": "table"},
            "grain": columns[:1],
            "columns": dict.fromkeys(columns, text),
        }
    title = {"zh": name, "en": name}
    mart = {"mart": name, "title": title, "audience": title, **told, "tables": tables}
    (folder / "mart.yaml").write_text(yaml.safe_dump(mart, allow_unicode=True), encoding="utf-8")


@pytest.fixture(scope="package")
def binder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MartBinder]:
    root = tmp_path_factory.mktemp("leaks") / "workspace"
    shutil.copytree(HERE / "workspace", root)
    for corpus in ("smuggling", "honest"):
        for name, model in models(corpus).items():
            write_model(root, f"{corpus}_{name}", model)
    with MartBinder(load_registry(root)) as found:
        yield found
