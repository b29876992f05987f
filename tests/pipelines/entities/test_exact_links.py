"""Links by identifiers: the laws that hold for every entity."""

from __future__ import annotations

import random
from dataclasses import replace

from citylake.pipelines.entities.link_entities import link_entities
from citylake.pipelines.flow.linked_marts import publish_linked_marts
from citylake.pipelines.lake.delta_table import delta_version
from tests.pipelines.entities.conftest import CODES, LinkedCity, record

A, B, C, D = CODES


def fill(city: LinkedCity, seed: int = 0) -> None:
    rows = {
        "market.register": [record("甲公司", uscc=A), record("乙公司", uscc=B), record("丙公司", uscc=C)],
        "social.accounts": [
            record("甲", website_url="s1", organisation_code=A[8:17]),
            record("乙", website_url="s2", organisation_code=f"{B[8:16]}-{B[16]}"),
            record("丁", website_url="s3", organisation_code="MA2B002C9"),
        ],
        "env.permits": [
            record("甲厂", website_url="e1", uscc=A),
            record("甲厂二", website_url="e2", uscc=A),
            record("戊", website_url="e3", uscc=f"{C[:-1]}9"),
        ],
    }
    for dataset, each in rows.items():
        random.Random(seed).shuffle(each)
        city.rows(dataset, each)


def test_old_and_new_codes_of_one_enterprise_link_and_a_wrong_check_digit_never_does(city: LinkedCity) -> None:
    fill(city)
    done = city.link()
    assert city.partition() == {
        frozenset({A, "s1", "e1", "e2"}),
        frozenset({B, "s2"}),
        frozenset({C}),
        frozenset({"s3"}),
        frozenset({"e3"}),
    }
    assert sum(each.records for each in done.counts.values()) == city.links.height == 9
    assert set(city.links.filter(city.links["record_key"].is_in(["s3", "e3", C]))["stage"]) == {"alone"}


def test_every_link_says_by_what_and_with_which_record_it_was_made(city: LinkedCity) -> None:
    fill(city)
    city.link()
    row = city.links.filter(city.links["record_key"] == "s1").row(0, named=True)
    assert (row["stage"], row["score"], row["linked_to"]) == ("identifier", 1.0, f"market.register:{A}")
    assert row["reason"] == '{"code": "same_identifier", "space": "organisation_code"}'
    assert str(row["valid_from"]) == "2020-01-01"
    assert row["valid_to"] is None


def test_linking_twice_writes_nothing_and_the_order_of_rows_decides_nothing(city: LinkedCity) -> None:
    fill(city)
    city.link()
    first, version = city.links, delta_version(city.lake, city.lake.curated("entities", "enterprise"))
    assert city.link().unchanged
    assert delta_version(city.lake, city.lake.curated("entities", "enterprise")) == version
    fill(city, seed=7)
    assert city.link().unchanged
    assert city.links.equals(first)


def test_ids_stay_when_records_join_and_leave(city: LinkedCity) -> None:
    fill(city)
    city.link()
    before = city.ids()
    city.rows("market.register", [record("乙公司", uscc=B)])
    city.link()
    gone = city.ids()
    # The founder left; the others keep the name by which marts know them.
    assert gone["s1"] == gone["e1"] == before["s1"]
    city.rows("market.register", [record("甲公司", uscc=A), record("乙公司", uscc=B), record("新", uscc=D)])
    city.link()
    again = city.ids()
    assert again[A] == before[A]
    assert again[B] == before[B]
    assert len(set(again.values())) == len(city.partition())


def test_records_about_nothing_and_rows_without_a_key_are_counted(city: LinkedCity) -> None:
    fill(city)
    city.rows("env.permits", [{"website_url": "e9"}, {"website_url": None, "uscc": A}])
    counts = city.link().counts["env.permits"]
    assert (counts.rows, counts.records, counts.without_key, counts.without_parts) == (2, 0, 1, 1)


def test_a_workspace_without_entities_links_nothing(city: LinkedCity) -> None:
    context = city.context()
    none = replace(context, registry=replace(context.registry, entities={}))
    assert link_entities(none) == []
    assert publish_linked_marts(none, []) == []
