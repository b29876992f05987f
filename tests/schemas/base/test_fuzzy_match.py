"""Proposals are similar words, or everything that can be written."""

from __future__ import annotations

from citylake.schemas.base.fuzzy_match import FEW_WORDS, LISTED_WORDS, nearest_words
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import load_registry
from tests.declared import ALL_PACKS

MANY = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india"]
VERY_MANY = [*MANY, *(f"{place:03d}" for place in range(LISTED_WORDS))]


def test_few_words_are_all_proposed_the_most_similar_first() -> None:
    assert nearest_words("delte", MANY[:4]) == ["delta", *nearest_words("delte", MANY[:4])[1:]]
    assert sorted(nearest_words("xxxxx", MANY[:FEW_WORDS])) == MANY[:FEW_WORDS]


def test_of_many_words_only_similar_ones_are_proposed() -> None:
    assert nearest_words("delte", MANY) == ["delta"]
    assert sorted(nearest_words("xxxxx", MANY)) == MANY
    assert nearest_words("xxxxx", VERY_MANY) == []


def test_an_element_of_another_meaning_is_no_proposal() -> None:
    registry = load_registry(ALL_PACKS)
    assert nearest_elements("bike.free", registry) == []
    assert nearest_elements("traffic.avg_speed", registry)[0] == "traffic.mean_speed"
    assert nearest_elements("车速", registry)[0] == "traffic.mean_speed"
