"""A cycle of datasets or marts has its place in each of them and stops only them; all others run."""

from __future__ import annotations

from pathlib import Path

from citylake.schemas.lint import lint_workspace
from citylake.schemas.lint.valid_registry import load_sound_registry

MART = """
mart: {name}
title: {{zh: 题, en: title}}
audience: {{zh: 公众, en: the public}}
tables:
  one:
    title: {{zh: 表, en: table}}
    grain: [site_code]
    columns: {{site_code: {{element: place.site_code}}}}
"""


def declare(root: Path, name: str, source: str) -> None:
    folder = root / "marts" / name
    folder.mkdir(parents=True)
    (folder / "mart.yaml").write_text(MART.format(name=name).lstrip(), encoding="utf-8")
    (folder / "one.sql").write_text(f"SELECT site_code FROM {source}", encoding="utf-8")


def test_marts_that_read_each_other_are_told_and_left_out(clean: Path) -> None:
    declare(clean, "first", "mart.second.one")
    declare(clean, "second", "mart.first.one")
    declare(clean, "third", "mart.first.one")
    found = [(each.code, each.path.parent.name, each.line) for each in lint_workspace(clean)]
    assert found == [("MART_CYCLE", "first", 1), ("MART_CYCLE", "second", 1)]
    assert set(load_sound_registry(clean).marts) == {"speeds"}


def test_a_table_that_reads_itself_is_told(clean: Path) -> None:
    declare(clean, "first", "one")
    assert [each.code for each in lint_workspace(clean)] == ["MART_CYCLE"]


def test_datasets_that_refer_to_each_other_are_told_and_left_out(clean: Path) -> None:
    path = clean / "datasets/place/sites.yaml"
    reference = "references: [{columns: [site_code], dataset: traffic.detector, keys: [site_code]}]\n"
    path.write_text(path.read_text(encoding="utf-8") + reference, encoding="utf-8")
    alone = path.read_text(encoding="utf-8").replace("place.sites", "place.alone").replace(reference, "")
    (clean / "datasets/place/alone.yaml").write_text(alone, encoding="utf-8")
    found = [(each.code, each.path.name) for each in lint_workspace(clean)]
    assert found == [("REFERENCE_CYCLE", "sites.yaml"), ("REFERENCE_CYCLE", "detector.yaml")]
    assert set(load_sound_registry(clean).contracts) == {"place.alone"}
