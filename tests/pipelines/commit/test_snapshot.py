from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.commit.commit_batch import counts_after_commit
from citylake.schemas.words.errors import CitylakeError
from tests.thorough import examples

COLUMNS = ["station", "name", "floors", "seen_on"]
WRITE = {"mode": "snapshot", "key": ["station"], "effective": "seen_on"}

Register = Mapping[str, tuple[str, int | None]]
UNSURE = ("refused", None)
"""What a register holds of a key whose row is refused."""


def rows(day: int, register: Register) -> list[dict[str, Any]]:
    seen = date(2026, 3, day)
    return [
        {"station": key, "name": name, "floors": floors, "seen_on": seen}
        for key, (name, floors) in register.items()
        if (name, floors) != UNSURE
    ]


def refused(register: Register) -> list[str]:
    return [json.dumps({"station": key}, separators=(",", ":")) for key, value in register.items() if value == UNSURE]


def put(city: Any, registers: Mapping[str, tuple[int, Register]], **more: Any) -> Any:
    bad = {receipt: keys for receipt, (_, register) in registers.items() if (keys := refused(register))}
    given_rows = {receipt: rows(*given) for receipt, given in registers.items()}
    staged = city.stage(given_rows, columns=COLUMNS, refused=bad, **more)
    return staged, city.commit(city.contract(**WRITE), staged)


def timeline(city: Any) -> list[tuple[Any, ...]]:
    frame = city.standard().sort("station", "valid_from")
    assert (frame["seen_on"] == frame["valid_from"]).all()
    return [
        (
            row["station"],
            row["name"],
            row["floors"],
            row["valid_from"].day,
            row["valid_to"].day if row["valid_to"] else None,
        )
        for row in frame.to_dicts()
    ]


def expected(registers: Mapping[int, Register]) -> list[tuple[Any, ...]]:
    """The intervals by definition: day after day over every known day."""
    found: list[tuple[Any, ...]] = []
    days = sorted(registers)
    for key in sorted({key for register in registers.values() for key in register}):
        held: tuple[int, tuple[str, int | None]] | None = None
        for day in days:
            value = registers[day].get(key)
            if value == UNSURE:
                continue
            if held and value != held[1]:
                found.append((key, *held[1], held[0], day))
                held = None
            if value is not None and held is None:
                held = (day, value)
        if held:
            found.append((key, *held[1], held[0], None))
    return found


def test_a_change_ends_one_interval_and_begins_the_next(city: Any) -> None:
    put(city, {"r1": (1, {"a": ("甲", 3), "b": ("乙", 1)})})
    put(city, {"r2": (5, {"a": ("甲", 4), "b": ("乙", 1)})})
    assert timeline(city) == [("a", "甲", 3, 1, 5), ("a", "甲", 4, 5, None), ("b", "乙", 1, 1, None)]


def test_a_key_that_is_gone_is_closed_and_may_come_back(city: Any) -> None:
    put(city, {"r1": (1, {"a": ("甲", 3), "b": ("乙", 1)})})
    put(city, {"r2": (2, {"b": ("乙", 1)})})
    put(city, {"r3": (3, {"a": ("甲", 3), "b": ("乙", 1)})})
    assert timeline(city) == [("a", "甲", 3, 1, 2), ("a", "甲", 3, 3, None), ("b", "乙", 1, 1, None)]


def test_a_late_register_is_put_between_its_neighbours(city: Any) -> None:
    put(city, {"r1": (1, {"a": ("甲", 3)})})
    put(city, {"r3": (9, {"a": ("甲", 3)})})
    put(city, {"r2": (5, {"a": ("甲", 7)})})
    assert timeline(city) == [("a", "甲", 3, 1, 5), ("a", "甲", 7, 5, 9), ("a", "甲", 3, 9, None)]


def test_a_key_whose_row_is_refused_is_not_closed(city: Any) -> None:
    put(city, {"r1": (1, {"a": ("甲", 3), "b": ("乙", 1), "c": ("丙", 1)})})
    put(city, {"r2": (5, {"a": UNSURE, "c": ("丙", 1)})})
    assert timeline(city) == [("a", "甲", 3, 1, None), ("b", "乙", 1, 1, 5), ("c", "丙", 1, 1, None)]
    put(city, {"r3": (9, {"c": ("丙", 1)})})
    assert timeline(city)[0] == ("a", "甲", 3, 1, 9)


def test_a_register_with_a_good_and_a_refused_row_of_a_key_is_sure_of_it(city: Any) -> None:
    put(city, {"r1": (1, {"a": ("甲", 1)})})
    staged = city.stage({"r2": rows(5, {"a": ("甲", 1)})}, columns=COLUMNS, refused={"r2": ['{"station":"a"}']})
    city.commit(city.contract(**WRITE), staged)
    put(city, {"r0": (3, {"a": ("甲", 7)})})
    assert timeline(city) == [("a", "甲", 1, 1, 3), ("a", "甲", 7, 3, 5), ("a", "甲", 1, 5, None)]


def test_an_unchanged_register_leaves_the_table_as_it_is(city: Any) -> None:
    _, first = put(city, {"r1": (1, {"a": ("甲", 3)})})
    staged, second = put(city, {"r2": (2, {"a": ("甲", 3)})})
    assert (second.days, second.duplicates_stored) == ((), 1)
    assert counts_after_commit(staged.counts, second).conserved
    assert city.duplicates().select("_receipt", "survivor_receipt", "kind").rows() == [("r2", "r1", "exact")]
    assert first.version < second.version


def test_of_two_registers_for_a_day_the_newer_source_counts_whole(new_city: Callable[[], Any]) -> None:
    old, new = (4, {"a": ("甲", 1), "b": ("乙", 1)}), (4, {"a": ("甲", 2)})
    for order in (("r1", "r2"), ("r2", "r1")):
        city = new_city()
        for receipt in order:
            put(city, {receipt: {"r1": old, "r2": new}[receipt]})
        assert timeline(city) == [("a", "甲", 2, 4, None)]
        lost = city.duplicates().sort("_row").select("_receipt", "survivor_receipt", "survivor_row", "kind").rows()
        assert lost == [("r1", "r2", 1, "superseded"), ("r1", "r2", None, "superseded")]


def test_a_register_read_again_replaces_its_first_reading(city: Any) -> None:
    put(city, {"r1": (1, {"a": ("甲", 1), "b": ("乙", 1)})})
    put(city, {"r2": (2, {"a": ("甲", 1), "b": ("乙", 1)})})
    put(city, {"r1": (1, {"a": ("甲", 9)})}, fingerprint="2")
    assert timeline(city) == [("a", "甲", 9, 1, 2), ("a", "甲", 1, 2, None), ("b", "乙", 1, 2, None)]


def test_a_source_with_its_own_validity_is_kept_by_key_and_start(city: Any) -> None:
    columns = ["station", "name", "valid_from", "valid_to"]
    write = {"mode": "snapshot", "key": ["station"], "valid": {"from": "valid_from", "to": "valid_to"}}
    first = {"station": "a", "name": "甲", "valid_from": date(2026, 3, 1), "valid_to": None}
    ended = {**first, "valid_to": date(2026, 3, 9)}
    next_one = {**first, "name": "新甲", "valid_from": date(2026, 3, 9)}
    for receipt, given_rows in (("r1", [first]), ("r2", [ended, next_one])):
        city.commit(city.contract(**write), city.stage({receipt: given_rows}, columns=columns))
    found = city.standard().sort("valid_from").select("name", "valid_from", "valid_to").rows()
    assert found == [("甲", date(2026, 3, 1), date(2026, 3, 9)), ("新甲", date(2026, 3, 9), None)]


registers_strategy = st.dictionaries(
    st.integers(1, 6),
    st.dictionaries(
        st.sampled_from("abc"), st.tuples(st.sampled_from(["甲", "乙"]), st.sampled_from([1, None])) | st.just(UNSURE)
    ).map(lambda register: {"z": ("丙", 1), **register}),
    min_size=1,
    max_size=6,
)


@settings(max_examples=examples(8, 20), deadline=None)
@given(registers=registers_strategy, data=st.data())
def test_any_grouping_and_order_of_registers_gives_the_same_timeline(
    new_city: Callable[[], Any], registers: Any, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(sorted(registers)))
    city = new_city()
    while order:
        size = data.draw(st.integers(1, len(order)))
        group, order = order[:size], order[size:]
        put(city, {f"r{day}": (day, registers[day]) for day in group})
    assert timeline(city) == expected(registers)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1)])
def test_every_row_of_every_register_is_in_the_table_or_named_as_lost(new_city: Callable[[], Any], order: Any) -> None:
    city = new_city()
    registers = {1: {"a": ("甲", 1), "b": ("乙", 1)}, 2: {"a": ("甲", 1)}, 3: {"a": ("甲", 2), "b": ("乙", 1)}}
    for day in order:
        put(city, {f"r{day}": (day, registers[day])})
    named = {*city.standard().select("_receipt", "_row").rows(), *city.duplicates().select("_receipt", "_row").rows()}
    assert named == {("r1", 1), ("r1", 2), ("r2", 1), ("r3", 1), ("r3", 2)}


def test_a_row_with_another_day_closes_no_register(city: Any) -> None:
    whole = dict.fromkeys("abcd", ("n", 1))
    stray = {"r1": [*rows(1, whole), *rows(2, {"e": ("n", 1)})]}
    staged = city.stage(stray, columns=COLUMNS)
    with pytest.raises(CitylakeError) as caught:
        city.commit(city.contract(**WRITE), staged)
    values = caught.value.problem.values
    assert (caught.value.code, values["rows"], values["beside"]) == ("REGISTER_SHRINKS", 1, 4)
    city.commit(city.contract(**WRITE, replace_min=0), staged)
    assert city.standard().height == 5
