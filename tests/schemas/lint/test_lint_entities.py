"""Faults of entities are reported with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.lint import find_errors
from citylake.schemas.lint.sound_registry import sound_registry
from citylake.schemas.read.registry import load_registry

CONTRACT = """
dataset: market.register
title: {zh: 登记, en: register}
owner: {department: 市场监管局, steward: a@b.cn}
source: {connector: files, path: x.csv, format: csv}
fields:
  uscc: {element: organisation.uscc}
  name: {element: organisation.name}
  legal: {element: organisation.legal_representative}
write: {mode: upsert, key: [uscc]}
"""
ENTITY = """
entity: enterprise
kind: enterprise
name: {zh: 企业, en: enterprise}
records:
  market.register:
    key: [uscc]
    identifiers: [uscc]
"""


def faults(folder: Path, entity: str) -> set[tuple[str, str, int]]:
    for name, text in {
        "workspace.yaml": "packs: [base, government]\n",
        "datasets/market/register.yaml": CONTRACT,
        "entities/enterprise.yaml": entity,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    registry = load_registry(folder)
    found = find_errors(registry)
    sound = sound_registry(registry)
    assert sound is not None
    # A faulty entity stops itself and no dataset.
    assert (len(sound.entities), len(sound.contracts)) == (0 if found else 1, 1)
    return {(each.code, each.path.name, each.line) for each in found}


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (("kind: enterprise", "kind: person"), "ENTITY_OF_PERSONS", 3),
        (("market.register:", "market.registers:"), "REFERENCED_DATASET_UNKNOWN", 6),
        (("identifiers: [uscc]", "identifiers: [uscc]\n    name: names"), "COLUMN_UNKNOWN", 9),
        (("key: [uscc]", "key: [legal_representative]"), "ENTITY_KEY_PERSONAL", 7),
        (("    identifiers: [uscc]\n", ""), "ENTITY_WITHOUT_LINK", 6),
        (("entity: enterprise", "similar: {accept: 0.5, review: 0.9}\nentity: enterprise"), "ENTITY_BAND_REVERSED", 2),
        (("kind: enterprise", "kind: company"), "VALUE_NOT_ALLOWED", 3),
    ],
)
def test_each_fault_is_found_at_its_line(tmp_path: Path, change: tuple[str, str], code: str, line: int) -> None:
    assert faults(tmp_path, ENTITY.replace(*change)) == {(code, "enterprise.yaml", line)}


def test_a_right_entity_has_no_fault_and_an_identifier_may_have_parts(tmp_path: Path) -> None:
    part = "identifiers: [{column: uscc, check: organisation_code, skip: 8}]"
    assert faults(tmp_path, ENTITY.replace("identifiers: [uscc]", part)) == set()
