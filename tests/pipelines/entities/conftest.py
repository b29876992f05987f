"""A city whose departments know the same enterprises under other names and old codes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import CommitProperties, write_deltalake

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.entities.link_entities import LinkOutcome, link_entities
from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.lint import lint_errors
from citylake.schemas.read.registry import Registry, load_registry

CONTRACT = """
dataset: {dataset}
title: {{zh: 数据, en: data}}
owner: {{department: {department}, steward: a@b.cn}}
source: {{connector: files, path: x.csv, format: csv}}
fields: {{{fields}}}
write: {{mode: upsert, key: [{key}]}}
"""
NUMBER = "number: {element: organisation.website}"
DATASETS = {
    "market.register": ("市场监管局", "uscc: {element: organisation.uscc}", "uscc"),
    "social.accounts": ("人社局", f"{NUMBER}, code: {{element: organisation.code}}", "website_url"),
    "env.permits": ("生态环境局", f"{NUMBER}, credit: {{element: organisation.uscc}}", "website_url"),
}
COMMON = (
    ", name: {element: organisation.name}, address: {element: organisation.registered_address}"
    ", phone: {element: organisation.phone}, opened: {element: organisation.established_on}"
)
PARTS = "name: organisation_name, address: registered_address, phone: organisation_phone, valid: {from: established_on}"
ENTITY = f"""
entity: enterprise
kind: enterprise
name: {{zh: 企业, en: enterprise}}
records:
  market.register: {{key: [uscc], identifiers: [uscc], {PARTS}}}
  social.accounts: {{key: [website_url], identifiers: [organisation_code], {PARTS}}}
  env.permits: {{key: [website_url], identifiers: [uscc], {PARTS}}}
"""
CODES = ["91330100MA2B000A2M", "91330100MA2B001B7U", "91330100MA2B002C10", "91330100MA2B003D66"]


@dataclass
class LinkedCity:
    """A workspace with an entity, a lake, and what a commit would do to its standard tables."""

    root: Path
    lake: Lake

    read: dict[str, Registry] = field(default_factory=dict)
    """The declarations, by the text of the entity's; read once."""

    @property
    def registry(self) -> Registry:
        text = (self.root / "entities/enterprise.yaml").read_text(encoding="utf-8")
        if text not in self.read:
            found = load_registry(self.root)
            assert not lint_errors(found)
            self.read[text] = found
        return self.read[text]

    def context(self) -> RunContext:
        return RunContext(self.registry, self.lake, Ledger(self.lake), new_run())

    def declare(self, text: str) -> None:
        """Replace the entity's declaration."""
        _put(self.root / "entities/enterprise.yaml", text)

    def rows(self, dataset: str, rows: list[dict[str, Any]]) -> None:
        columns = [
            "uscc",
            "organisation_code",
            "website_url",
            "organisation_name",
            "registered_address",
            "organisation_phone",
        ]
        frame = pl.DataFrame(rows, {**dict.fromkeys(columns, pl.String), "established_on": pl.Date}, orient="row")
        note = CommitProperties(custom_metadata={"citylake": json.dumps({"days": [], "everything": True})})
        write_deltalake(self.lake.standard(dataset), frame, mode="overwrite", commit_properties=note)

    def link(self, *, again: bool = False) -> LinkOutcome:
        context = self.context()
        (done,) = link_entities(context, again=again)
        context.ledger.flush()
        return done

    @property
    def links(self) -> pl.DataFrame:
        found = scan_lake_table(self.lake, self.lake.curated("entities", "enterprise"))
        assert found is not None
        return found.collect().sort("dataset", "record_key")

    @property
    def pending(self) -> pl.DataFrame:
        found = scan_lake_table(self.lake, self.lake.curated("entities", "enterprise.pairs"))
        assert found is not None
        return found.collect().sort("score", "link_id")

    def partition(self) -> set[frozenset[str]]:
        grouped = self.links.group_by("entity_id").agg(pl.col("record_key"))
        return {frozenset(keys) for keys in grouped["record_key"].to_list()}

    def ids(self) -> dict[str, str]:
        return dict(self.links.select("record_key", "entity_id").iter_rows())


def make_linked_city(folder: Path, entity: str = ENTITY) -> LinkedCity:
    root = folder / "workspace"
    _put(root / "workspace.yaml", "packs: [base, government]\n")
    for dataset, (department, fields, key) in DATASETS.items():
        text = CONTRACT.format(dataset=dataset, department=department, fields=fields + COMMON, key=key)
        _put(root / f"datasets/{dataset}.yaml", text)
    city = LinkedCity(root, Lake(str(folder / "lake")))
    city.declare(entity)
    return city


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def city(tmp_path: Path) -> LinkedCity:
    return make_linked_city(tmp_path)


def record(name: str, **parts: Any) -> dict[str, Any]:
    return {"organisation_name": name, "established_on": date(2020, 1, 1), **parts}
