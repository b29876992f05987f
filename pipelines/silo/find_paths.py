"""The ways by which two datasets may be joined, from their declarations alone. Nothing is read from the lake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product

from citylake.pipelines.silo.dataset_time import Validity, column_period, main_time, place_columns, validity
from citylake.pipelines.silo.join_domains import VALUE_KINDS, KeyColumn, element_domains, key_columns
from citylake.pipelines.silo.join_path import JoinPath, KeyPair
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

MOST_PATHS = 32
"""Paths that are measured for two datasets, at most."""
_MOST_CHOICES = 8
"""Ways in which the columns of one key are paired, at most."""


@dataclass(frozen=True)
class JoinSide:
    """One dataset with what joins need to know of it."""

    contract: Contract
    registry: Registry
    columns: list[KeyColumn]

    @property
    def name(self) -> str:
        """The dataset's id."""
        return self.contract.dataset

    @cached_property
    def values(self) -> list[KeyColumn]:
        """The columns whose values are compared as they are."""
        return [each for each in self.columns if each.kind in VALUE_KINDS]

    @cached_property
    def time(self) -> KeyColumn | None:
        """The column that says when a row happened."""
        return main_time(self.contract, self.columns)

    @cached_property
    def validity(self) -> Validity | None:
        """The columns of the entries' validity."""
        return validity(self.contract)

    @cached_property
    def key(self) -> frozenset[str]:
        """The columns of the contract's key."""
        return frozenset(self.contract.write.key)

    def column(self, name: str) -> KeyColumn | None:
        """Return a column by its name."""
        return next((each for each in self.columns if each.column == name), None)


def join_sides(registry: Registry) -> dict[str, JoinSide]:
    """Return every dataset of the registry as a side of a join."""
    domains = element_domains(registry)
    return {
        name: JoinSide(contract, registry, key_columns(contract, registry, domains))
        for name, contract in registry.contracts.items()
    }


def direct_paths(left: JoinSide, right: JoinSide) -> list[JoinPath]:
    """Return the paths without a third dataset, each once; those that declarations favour come first."""
    every = (
        *_declared(left, right),
        *_by_keys(left, right),
        *_by_one_value(left, right),
        *_by_all_values(left, right),
        *_by_time(left, right),
        *_by_place(left, right),
    )
    unique: dict[frozenset[tuple[str, str]], JoinPath] = {}
    for path in every:
        unique.setdefault(frozenset(path.columns), replace(path, names_entry=_names_entry(path, left, right)))
    return list(islice(unique.values(), MOST_PATHS))


def _names_entry(path: JoinPath, left: JoinSide, right: JoinSide) -> bool:
    ends = zip(
        (left.key, right.key), ({here for here, _ in path.columns}, {there for _, there in path.columns}), strict=True
    )
    return any(key and key <= columns for key, columns in ends)


def equal_pairs(left: JoinSide, right: JoinSide) -> list[KeyPair]:
    """Return the pairs of columns whose values are of one domain and one type."""
    return [
        KeyPair(here, there)
        for here, there in product(left.values, right.values)
        if here.domain == there.domain and here.type == there.type
    ]


def time_pair(left: JoinSide, right: JoinSide) -> KeyPair | None:
    """Return how the rows of two datasets meet in time: at one moment, on one day, or while an entry is valid."""
    if right.validity and left.time:
        return _valid_pair(left.time, right)
    if left.validity and right.time:
        return _valid_pair(right.time, left, turned=True)
    if not left.time or not right.time:
        return None
    return KeyPair(left.time, right.time, "equal" if _same_grain(left, left.time, right, right.time) else "day")


def _valid_pair(time: KeyColumn, register: JoinSide, *, turned: bool = False) -> KeyPair | None:
    start = register.column(register.validity.start) if register.validity else None
    if register.validity is None:
        return None
    start = start or KeyColumn(register.name, register.validity.start, "", "", "day", "date")
    pair = KeyPair(time, start, "valid", register.validity.end)
    return pair.turned() if turned else pair


def _same_grain(left: JoinSide, one: KeyColumn, right: JoinSide, other: KeyColumn) -> bool:
    if one.kind != other.kind:
        return False
    if one.kind == "day":
        return True
    periods = [column_period(side.contract, side.registry, each.column) for side, each in ((left, one), (right, other))]
    return periods[0] == periods[1] and (one.element == other.element or periods[0] is not None)


def _declared(left: JoinSide, right: JoinSide) -> Iterator[JoinPath]:
    for rule in left.contract.references:
        if rule.dataset == right.name:
            yield from _declared_path(left, rule.columns, right, rule.keys)
    for rule in right.contract.references:
        if rule.dataset == left.name:
            yield from _declared_path(left, rule.keys, right, rule.columns)


def _declared_path(left: JoinSide, here: Sequence[str], right: JoinSide, there: Sequence[str]) -> Iterator[JoinPath]:
    pairs = [
        KeyPair(one, other)
        for one, other in zip(map(left.column, here), map(right.column, there), strict=False)
        if one and other
    ]
    if len(pairs) == len(here) == len(there):
        yield _path(left, right, pairs, declared=True)


def _path(left: JoinSide, right: JoinSide, pairs: Sequence[KeyPair], *, declared: bool = False) -> JoinPath:
    """The path over ``pairs``; where a side is a register with validity and the other has a time, also by its days."""
    time = time_pair(left, right)
    if time and time.how == "valid":
        return JoinPath(left.name, right.name, "period", (*pairs, time), declared)
    return JoinPath(left.name, right.name, "direct", tuple(pairs), declared)


def _by_keys(left: JoinSide, right: JoinSide) -> Iterator[JoinPath]:
    """Paths that pair every column of one side's key, as far as it has values; a time of the key by the time."""
    pairs = equal_pairs(left, right)
    for side, end in ((right, "right"), (left, "left")):
        needed = [each for each in side.values if each.column in side.key]
        choices = [[pair for pair in pairs if getattr(pair, end) == each] for each in needed]
        covered = [each for each in choices if each]
        for chosen in islice(product(*covered), _MOST_CHOICES) if covered else ():
            yield _path(left, right, chosen)
            timed = time_pair(left, right)
            if timed and timed.how != "valid" and getattr(timed, end).column in side.key:
                yield JoinPath(left.name, right.name, "place_time", (*chosen, timed))


def _by_one_value(left: JoinSide, right: JoinSide) -> Iterator[JoinPath]:
    time = time_pair(left, right)
    for pair in equal_pairs(left, right):
        yield _path(left, right, [pair])
        if time and time.how != "valid":
            yield JoinPath(left.name, right.name, "place_time", (pair, time))


def _by_all_values(left: JoinSide, right: JoinSide) -> Iterator[JoinPath]:
    """The path over every pair of columns that have the same name or the same element on both sides."""
    chosen: dict[str, KeyPair] = {}
    for pair in equal_pairs(left, right):
        taken = {each.right.column for each in chosen.values()}
        free = pair.left.column not in chosen and pair.right.column not in taken
        if free and pair.left.element == pair.right.element:
            chosen[pair.left.column] = pair
    if len(chosen) > 1:
        yield _path(left, right, list(chosen.values()))


def _by_time(left: JoinSide, right: JoinSide) -> Iterator[JoinPath]:
    if (pair := time_pair(left, right)) and pair.how != "valid":
        yield JoinPath(left.name, right.name, "date", (pair,))


def _by_place(left: JoinSide, right: JoinSide) -> Iterator[JoinPath]:
    ends = [place_columns(side.contract, side.registry) for side in (left, right)]
    if ends[0] and ends[1]:
        pairs = [KeyPair(_degrees(left, one), _degrees(right, other)) for one, other in zip(*ends, strict=True)]
        yield JoinPath(left.name, right.name, "nearest", tuple(pairs))


def _degrees(side: JoinSide, column: str) -> KeyColumn:
    return KeyColumn(side.name, column, "", "", "name", "decimal")
