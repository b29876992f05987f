"""Real mappings of councils' columns: floors of the engine, from names alone and with what is learned elsewhere."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.match.councils import Councils, rank_of_answers, read_councils, share_within
from citylake.pipelines.match.name_words import joined_name
from citylake.pipelines.match.word_groups import general_words

DATA = Path(os.environ.get("CITYLAKE_DATA") or Path(__file__).parents[3] / "../shared/data").resolve() / "digital_land"


@pytest.fixture(scope="module")
def councils() -> Councils:
    if not DATA.is_dir():
        pytest.skip(f"there are no mappings at {DATA}")
    return read_councils(DATA)


def test_names_alone_find_most_of_what_people_had_to_override(councils: Councils) -> None:
    ranks = rank_of_answers(councils)
    assert len(ranks) == 593
    assert share_within(ranks, 1, hard=True) >= 0.66
    assert share_within(ranks, 3, hard=True) >= 0.85


def test_mappings_of_other_datasets_find_more(councils: Councils) -> None:
    ranks = rank_of_answers(councils, councils.known)
    assert share_within(ranks, 1, hard=True) >= 0.72
    assert share_within(ranks, 3, hard=True) >= 0.90


def test_a_dataset_learns_nothing_from_its_own_mappings(councils: Councils) -> None:
    asked = {"central-activities-zone", "brownfield-site"}
    others = [each for each in councils.known if each.dataset != "brownfield-site"]
    with_own = rank_of_answers(councils, councils.known, asked)
    without = rank_of_answers(councils, others, asked)
    own = [(question, place) for question, place in with_own if question.dataset == "brownfield-site"]
    assert own == [(question, place) for question, place in without if question.dataset == "brownfield-site"]


def test_no_general_word_is_the_name_of_a_column_that_occurs_once(councils: Councils) -> None:
    columns = Counter(joined_name(each.field) for each in councils.known)
    once = {column for column, count in columns.items() if count == 1}
    written = {joined_name(line) for line in _written_words()}
    assert not written & once


def _written_words() -> list[str]:
    from citylake.pipelines.match import word_groups
    from citylake.schemas.base.yaml_reader import read_yaml

    assert general_words().groups
    path = Path(word_groups.__file__).with_name("general_words.yaml")
    return [word for group in read_yaml(path) for word in group["words"]]
