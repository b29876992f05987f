"""The silo map: every figure is what counting by hand gives, in whatever order, and sketches keep their word."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.cli.silo_command import print_silo
from citylake.pipelines.silo.key_sketch import KeySketch, meet_sketches
from citylake.pipelines.silo.silo_map import SiloMap, measure_silo
from tests.pipelines.silo.silo_lake import SiloLake

DEPARTMENTS = ("税务局", "市场监督管理局", "生态环境局", "城市管理局")


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.tuples(*[st.integers(0, 3_000)] * 3),
    most=st.sampled_from([200, 1_000, 10_000]),
    seed=st.integers(0, 2**32),
)
def test_shares_of_sketches_are_within_their_stated_error_and_turn_with_their_sides(
    sizes: tuple[int, int, int], most: int, seed: int
) -> None:
    chosen = np.random.default_rng(seed)
    only_left, both, only_right = (chosen.integers(0, 2**64, size, dtype=np.uint64) for size in sizes)
    left, right = np.concatenate([only_left, both]), np.concatenate([both, only_right])
    met = meet_sketches(KeySketch.of_hashes(left, most), KeySketch.of_hashes(right, most))
    turned = meet_sketches(KeySketch.of_hashes(right, most), KeySketch.of_hashes(left, most))
    assert (met.left, met.right, met.met, met.error) == (turned.right, turned.left, turned.met, turned.error)
    for values, share in zip((left, right), met.shares, strict=True):
        if len(values):
            assert abs(share - sizes[1] / len(values)) <= met.error + 1e-12
    if max(len(left), len(right)) <= most:
        assert (met.left, met.right, met.met, met.error) == (len(left), len(right), sizes[1], 0.0)


@settings(max_examples=30, deadline=None)
@given(
    parts=st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=60), min_size=1, max_size=5), most=st.integers(1, 40)
)
def test_a_union_is_the_sketch_of_all_values_in_whatever_order_it_is_made(parts: list[list[int]], most: int) -> None:
    sketches = [KeySketch.of_hashes(np.array(part, np.uint64), most) for part in parts]
    whole = KeySketch.of_hashes(np.array([each for part in parts for each in part], np.uint64), most)
    for order in (sketches, sketches[::-1]):
        united = order[0]
        for each in order[1:]:
            united = united.union(each, most)
        assert (united.bound, united.hashes.tolist()) == (whole.bound, whole.hashes.tolist())


def random_city(seed: int, folder: Path) -> tuple[SiloLake, dict[str, dict[str, set[str]]]]:
    """A lake of some departments, and the values of each by element."""
    chance = random.Random(seed)
    city = SiloLake(folder)
    elements = ("thing_no", "part_no", "other_no")
    for name in elements:
        city.element(name, "id")
    city.element("state", "code", ("1", "2", "3"))
    city.element("amount", "measure")
    truth: dict[str, dict[str, set[str]]] = {name: {} for name in DEPARTMENTS}
    for number in range(6):
        department = chance.choice(DEPARTMENTS)
        chosen = chance.sample([*elements, "state"], chance.randint(1, 3))
        rows: dict[str, list[Any]] = {"amount": [1.0] * 30}
        for name in chosen:
            values = ("1", "2", "3") if name == "state" else [f"{name[0]}{each}" for each in range(40)]
            rows[name] = chance.choices([*values, None], k=30)
            truth[department].setdefault(name, set()).update(value for value in rows[name] if value)
        fields = {name: name for name in rows}
        city.dataset(f"d.set{number}", fields, rows, {"mode": "append"}, department)
    return city, {name: found for name, found in truth.items() if found}


def counted(truth: Mapping[str, Mapping[str, set[str]]]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Identifiers of one department, of another, and common ones, over the elements that both have; codes are none."""
    found = {}
    for one in truth:
        for other in truth:
            common = truth[one].keys() & truth[other].keys() - {"state"}
            sides = (sum(len(truth[each][name]) for name in common) for each in (one, other))
            met = sum(len(truth[one][name] & truth[other][name]) for name in common)
            found[one, other] = (*sides, met)
    return found  # type: ignore[return-value]  # a tuple of two and one


@pytest.mark.parametrize("seed", range(4))
def test_the_figures_are_those_of_a_count_in_whatever_order_rows_are_stored(seed: int, tmp_path: Path) -> None:
    city, truth = random_city(seed, tmp_path)
    found = measure_silo(city.registry, city.lake)
    assert set(found.departments) == set(truth)
    expected = counted(truth)
    for pair in found.pairs:
        assert (pair.left_keys, pair.right_keys, pair.met) == expected[pair.left, pair.right]
        assert (pair.right_keys, pair.left_keys, pair.met) == expected[pair.right, pair.left]
    names = {name for of in truth.values() for name in of} - {"state"}
    sharing = {name: sum(name in of for of in truth.values()) for name in names}
    assert found.figures["keys_shared"] == sum(count > 1 for count in sharing.values())
    assert found.figures["key_values_met"] == sum(pair.met for pair in found.pairs)
    turned = list(city.registry.contracts.items())[::-1]
    city.registry.contracts = dict(turned)
    again = measure_silo(city.registry, city.lake)
    assert (again.figures, again.pairs, again.uses, again.acts) == (found.figures, found.pairs, found.uses, found.acts)


@pytest.fixture
def two(tmp_path: Path) -> SiloLake:
    """A register of enterprises, and permits that name them in a field that nothing binds."""
    city = SiloLake(tmp_path)
    city.element("credit_code", "id", synonyms=["统一社会信用代码"])
    city.element("permit_no", "id", synonyms=["许可证编号"])
    register = {"credit_code": [f"91330100{each:010d}" for each in range(50)]}
    city.dataset("gov.enterprises", {"credit_code": "credit_code"}, register, {"mode": "append"}, DEPARTMENTS[0])
    permits = {"permit_no": [f"P{each}" for each in range(20)]}
    write = {"mode": "append"}
    ignored = ["统一社会信用代码"]
    city.dataset("env.permits", {"permit_no": "permit_no"}, permits, write, DEPARTMENTS[1], ignore=ignored)
    return city


def test_a_field_that_matches_is_shown_and_binding_it_is_the_next_act(two: SiloLake) -> None:
    found = measure_silo(two.registry, two.lake)
    use = next(each for each in found.uses if each.element == "x.credit_code")
    assert use.states == {DEPARTMENTS[0]: "bound", DEPARTMENTS[1]: "matching"}
    act = found.acts[0]
    assert (act.kind, act.dataset, act.subject, act.departments) == (
        "bind",
        "env.permits",
        "统一社会信用代码",
        (DEPARTMENTS[0],),
    )


def test_a_register_without_rows_is_to_be_loaded_and_codes_that_differ_are_to_be_mapped(two: SiloLake) -> None:
    two.dataset("tax.payers", {"credit_code": "credit_code"}, None, {"mode": "append"}, DEPARTMENTS[2])
    lower = {"credit_code": [f"91330100-{each:010d}" for each in range(30)]}
    two.dataset("city.fines", {"credit_code": "credit_code"}, lower, {"mode": "append"}, DEPARTMENTS[3])
    acts = {each.kind: each for each in measure_silo(two.registry, two.lake).acts}
    assert (acts["load"].dataset, acts["load"].values) == ("tax.payers", 50)
    assert (acts["map"].dataset, acts["map"].subject, acts["map"].values) == ("city.fines", "gov.enterprises", 30)


def test_declarations_alone_tell_what_is_shared_before_and_after_a_binding(
    two: SiloLake, capsys: pytest.CaptureFixture[str]
) -> None:
    before = measure_silo(two.registry)
    two.dataset(
        "env.permits",
        {"permit_no": "permit_no", "credit_code": "credit_code"},
        None,
        {"mode": "append"},
        DEPARTMENTS[1],
    )
    after = measure_silo(two.registry)
    assert not before.measured
    assert (before.figures["elements_shared"], after.figures["elements_shared"]) == (0, 1)
    assert after.figures["department_pairs_declared"] == 1
    print_silo(after, before)
    assert "x.credit_code" in capsys.readouterr().out


def test_the_document_has_every_figure(two: SiloLake) -> None:
    found: SiloMap = measure_silo(two.registry, two.lake)
    document = found.document()
    assert document["figures"] == found.figures
    assert {"elements", "department_pairs", "acts"} <= document.keys()
    assert all(each["text"]["zh"] != each["text"]["en"] for each in document["acts"])
