"""Which new field is proposed for which missing one."""

from __future__ import annotations

import pytest

from citylake.quality.drift.column_diff import BoundField
from citylake.quality.drift.rename_proposal import name_similarity, propose_renames

SPEED = BoundField(("mean_speed_kmh",), words=("mean_speed_kmh", "平均速度", "车速", "mean speed"))


def proposed(
    needed: dict[str, BoundField], added: list[str], shares: dict[tuple[str, str], float]
) -> list[tuple[str, str]]:
    found = propose_renames(needed, list(needed), added, lambda gone, new: shares.get((gone, new)))
    return [(rename.missing, rename.added) for rename in found]


@pytest.mark.parametrize(
    "name", ["车速", "Mean Speed", "mean_speed_KMH", "平均 速度", "ｍｅａｎ－ｓｐｅｅｄ", "MEAN-SPEED"]
)
def test_case_width_spaces_and_signs_make_no_other_name(name: str) -> None:
    assert name_similarity(name, SPEED.words) == 1.0


def test_a_name_of_nothing_but_signs_is_still_a_name() -> None:
    assert name_similarity("--", ["--"]) == 1.0
    assert name_similarity("--", ["速度"]) == 0.0


def test_values_that_are_all_accepted_are_enough_whatever_the_name() -> None:
    assert proposed({"速度": SPEED}, ["x9"], {("速度", "x9"): 1.0}) == [("速度", "x9")]
    assert proposed({"速度": SPEED}, ["x9"], {("速度", "x9"): 0.5}) == []


def test_a_name_alone_is_enough_where_there_are_no_values() -> None:
    assert proposed({"速度": SPEED}, ["车速"], {}) == [("速度", "车速")]
    assert proposed({"速度": SPEED}, ["备注"], {}) == []


@pytest.mark.parametrize(("name", "found"), [("stop_desc", False), ("Stop Code", True), ("停靠站编码", True)])
def test_an_optional_field_is_only_renamed_to_nearly_the_same_name(name: str, found: bool) -> None:
    optional = BoundField(("stop_code",), optional=True, words=("stop_code", "停靠站编码"))
    proposals_of = proposed({"stop_code": optional}, [name], {("stop_code", name): 1.0})
    assert proposals_of == ([("stop_code", name)] if found else [])


def test_each_field_is_in_one_proposal_and_the_likelier_one_wins() -> None:
    needed = {"速度": SPEED, "流量": BoundField(("flow_veh",), words=("车流量",))}
    every = {(gone, new): 1.0 for gone in needed for new in ("平均车速", "车流")}
    assert proposed(needed, ["平均车速", "车流"], every) == [("流量", "车流"), ("速度", "平均车速")]
