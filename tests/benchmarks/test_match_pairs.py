"""The pairs that matching is measured with: real elements, no name twice, right check digits."""

from __future__ import annotations

from collections import Counter

import pytest
from stdnum.cn import uscc

from benchmarks.match.pairs import chinese_pairs
from benchmarks.match.valentine_questions import Questions, chinese_names, right_within
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.read.registry import Registry
from tests.declared import ALL_PACKS


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_valid_registry(ALL_PACKS)


def test_every_pair_has_an_element_of_the_packs_and_no_name_has_two(registry: Registry) -> None:
    pairs = chinese_pairs()
    assert len(pairs) >= 300
    assert {pair.element for pair in pairs} <= set(registry.elements)
    assert max(Counter(pair.name for pair in pairs).values()) == 1
    assert all(len(pair.values) == 3 for pair in pairs)


def test_the_credit_codes_of_the_pairs_have_right_check_digits() -> None:
    codes = [value for pair in chinese_pairs() if pair.element == "organisation.uscc" for value in pair.values]
    assert codes
    assert all(uscc.is_valid(code) for code in codes)


def test_a_synonym_that_equals_the_name_is_no_answer(registry: Registry) -> None:
    pairs = [pair for pair in chinese_pairs() if pair.name == "邮编"]
    questions = chinese_names(pairs, registry)
    answer = [("邮编", 1.0), ("地址", 0.9), ("postcode", 0.8)]
    assert right_within(questions, [answer], 1) == 0.0
    assert right_within(questions, [answer], 2) == 1.0


def test_a_column_that_people_mapped_to_two_fields_is_right_with_either() -> None:
    questions = Questions({}, [frozenset({"name", "reference"})])
    assert right_within(questions, [[("reference", 1.0), ("notes", 0.5)]], 1) == 1.0
