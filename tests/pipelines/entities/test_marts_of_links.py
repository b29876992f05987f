"""Marts join by the id of the entity, and a link that is undone leaves no trace in them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from citylake.pipelines.entities.decide_links import LinkDecision, decide_link
from citylake.pipelines.entities.read_links import FoundAct, find_link
from citylake.pipelines.flow.linked_marts import publish_linked_marts
from citylake.pipelines.marts.make.mart_plan import linked_datasets, mart_input_datasets
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.records import Publication
from citylake.schemas.lint import lint_registry
from citylake.schemas.read.registry import load_registry
from tests.pipelines.entities.conftest import CODES, LinkedCity, make_linked_city, record
from tests.pipelines.entities.test_exact_links import fill

MART = """
mart: firms
title: {zh: 企业, en: firms}
audience: {zh: 分析人员, en: analysts}
tables:
  firm:
    title: {zh: 企业, en: firm}
    grain: [entity_id]
    columns:
      entity_id: {text: {zh: 企业编号, en: id of the enterprise}}
      permits: {text: {zh: 许可数, en: permits}}
      accounts: {text: {zh: 账户数, en: accounts}}
"""
SQL = """
SELECT l.entity_id, count(p.website_url) AS permits, count(s.website_url) AS accounts
FROM entities.enterprise l
LEFT JOIN env.permits p ON l.dataset = 'env.permits' AND l.record_key = p.website_url
LEFT JOIN social.accounts s ON l.dataset = 'social.accounts' AND l.record_key = s.website_url
GROUP BY 1
"""
WHY = LinkDecision("王", "cli", "两家不同的工厂")


def add_mart(city: LinkedCity, sql: str = SQL) -> None:
    city.read.clear()
    folder = city.root / "marts/firms"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mart.yaml").write_text(MART, encoding="utf-8")
    (folder / "firm.sql").write_text(sql, encoding="utf-8")


def publish(city: LinkedCity) -> Publication:
    context = city.context()
    (done,) = publish_linked_marts(context, ["firms"])
    context.ledger.flush()
    return done


def published(city: LinkedCity) -> list[tuple[object, ...]]:
    pointer = read_pointer(city.lake, "firms")
    assert pointer is not None
    with duckdb.connect(str(Path(city.lake.mart("firms"), pointer.file)), read_only=True) as connection:
        return connection.execute("FROM firm ORDER BY ALL").fetchall()


def undo(city: LinkedCity, key: str) -> str:
    context = city.context()
    link = city.links.filter(city.links["record_key"] == key)["link_id"][0]
    return decide_link(context, find_link(context, link), WHY, accept=None)


def test_a_link_undone_leaves_no_trace_in_marts_and_comes_back_when_the_decision_is_withdrawn(
    city: LinkedCity, tmp_path: Path
) -> None:
    fill(city)
    add_mart(city)
    assert publish(city).status == "published"
    before = published(city)
    assert (city.ids()["s1"], 2, 1) in before
    assert publish(city).status == "unchanged"
    act = undo(city, "e2")
    assert publish(city).status == "published"
    assert {city.ids()[A] for A in (CODES[0], "s1", "e1")} != {city.ids()["e2"]}
    # The same as in a lake in which the two were never together.
    other = make_linked_city(tmp_path / "other")
    fill(other)
    add_mart(other)
    other.rows("env.permits", [record("甲厂", website_url="e1", uscc=CODES[0]), record("甲厂二", website_url="e2"),
                               record("戊", website_url="e3")])  # fmt: skip
    publish(other)
    assert published(city) == published(other)
    context = city.context()
    found = find_link(context, act)
    assert isinstance(found, FoundAct)
    decide_link(context, found, WHY, accept=None)
    publish(city)
    assert published(city) == before


def test_lint_knows_the_table_of_links(city: LinkedCity) -> None:
    add_mart(city)
    assert "MART_TABLE_UNKNOWN" not in {each.code for each in lint_registry(city.registry)}
    add_mart(city, SQL.replace("entities.enterprise", "entities.enterprises"))
    (fault,) = [each for each in lint_registry(load_registry(city.root)) if each.severity == "error"]
    assert (fault.code, fault.path.name, "entities.enterprise" in fault.say()) == (
        "MART_TABLE_UNKNOWN",
        "firm.sql",
        True,
    )


def test_a_mart_depends_on_every_dataset_whose_records_are_linked(city: LinkedCity) -> None:
    add_mart(city)
    registry = city.registry
    assert mart_input_datasets(registry.marts["firms"], registry) == {
        "env.permits",
        "market.register",
        "social.accounts",
    }
    assert linked_datasets(registry.marts["firms"], registry) == set(registry.entities["enterprise"].records)


def test_a_mart_is_not_built_from_links_that_could_not_be_made(
    city: LinkedCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(city)
    add_mart(city)
    keys = "key: [website_url, organisation_name]"
    text = (city.root / "entities/enterprise.yaml").read_text(encoding="utf-8")
    city.declare(
        text.replace(
            "key: [website_url], identifiers: [organisation_code]", f"{keys}, identifiers: [organisation_code]"
        )
    )
    city.rows("social.accounts", [record("甲|乙", website_url="s1")])
    done = publish(city)
    assert (done.status, [each.code for each in done.problems]) == ("failed", ["ENTITY_KEY_AMBIGUOUS"])
