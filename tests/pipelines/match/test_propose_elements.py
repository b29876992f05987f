"""Proposals of elements: what names and values together say, and what they never say."""

from __future__ import annotations

import random

import pytest

from citylake.pipelines.match.field_proposal import FieldFacts
from citylake.pipelines.match.propose_elements import propose_elements
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.words.message_catalogue import translate_key
from tests.declared import ALL_PACKS

STATIONS = tuple(str(1_400_000_000 + 37 * number) for number in range(40))
"""Numbers of stations that could be seconds since 1970."""
ENTERPRISES = ("91330100799655058B", "91330000142913112X", "913300007549413461")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(ALL_PACKS)


def names(registry: Registry, facts: FieldFacts, refused: tuple[tuple[str, str], ...] = ()) -> list[str]:
    return [each.element for each in propose_elements([facts], registry, refused)[facts.name]]


@pytest.mark.parametrize(
    ("field", "element"),
    [
        ("統一社會信用代碼", "organisation.uscc"),
        ("TYSHXYDM", "organisation.uscc"),
        ("tongyishehuixinyongdaima", "organisation.uscc"),
        ("企业名称", "organisation.name"),
        ("PM2.5", "air.pm25"),
        ("pm2_5", "air.pm25"),
        ("observationTime", "time.observed_at"),
        ("stop_lat", "place.latitude"),
    ],
)
def test_a_field_is_known_by_other_spellings_of_its_name(registry: Registry, field: str, element: str) -> None:
    assert element in names(registry, FieldFacts(field))


@pytest.mark.parametrize("field", ["站号", "观测站时间编号", "station", "TIMEPOINT_NO"])
def test_numbers_of_stations_are_no_times(registry: Registry, field: str) -> None:
    found = propose_elements([FieldFacts(field, values=STATIONS, table="站点")], registry)[field]
    times = [each.element for each in found if registry.elements[each.element].type in ("date", "datetime", "time")]
    assert times == []


def test_values_that_contradict_an_element_remove_it(registry: Registry) -> None:
    assert "place.longitude" in names(registry, FieldFacts("经度", values=("120.15", "120.2", "119.9")))
    assert "place.longitude" not in names(registry, FieldFacts("经度", values=("东侧", "西侧", "北门")))
    assert "place.longitude" not in names(registry, FieldFacts("经度", values=("541200.5", "541890.25", "542001.0")))
    assert "organisation.uscc" not in names(registry, FieldFacts("统一社会信用代码", values=("A1", "B2", "C3")))


def test_what_was_refused_does_not_come_back(registry: Registry) -> None:
    facts = FieldFacts("企业名称", values=("蓝海科技有限公司", "城东食品厂"))
    first = names(registry, facts)[0]
    assert first not in names(registry, facts, ((facts.name, first),))


def test_the_order_of_fields_does_not_matter(registry: Registry) -> None:
    fields = [FieldFacts(name, values=values) for name, values in TABLE]
    mixed = random.Random(4).sample(fields, len(fields))
    assert propose_elements(fields, registry) == propose_elements(mixed, registry)


def test_at_most_three_elements_are_proposed_the_best_first(registry: Registry) -> None:
    for found in propose_elements([FieldFacts(name, values=values) for name, values in TABLE], registry).values():
        assert len(found) <= 3
        assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
        assert [each.sure for each in found[1:]] == [False] * len(found[1:])


def test_every_reason_has_a_text_in_both_languages(registry: Registry) -> None:
    proposed = propose_elements([FieldFacts(name, values=values) for name, values in TABLE], registry)
    for each in (reason for found in proposed.values() for proposal in found for reason in proposal.evidence):
        for language in ("zh", "en"):
            assert "{" not in translate_key(f"match.{each.code}", language, **each.values)


TABLE = (
    ("统一社会信用代码", ENTERPRISES),
    ("企业名称", ("蓝海科技有限公司", "城东食品厂")),
    ("经度", ("120.15", "120.2")),
    ("CJSJ", ("2024-05-01 10:00:00", "2024-05-01 11:00:00")),
    ("PM10", ("35", "80.5")),
    ("备用1", ()),
)
