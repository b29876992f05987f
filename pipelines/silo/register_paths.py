"""The ways by which two datasets meet through a third one that maps the values of one to those of the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from citylake.pipelines.silo.find_paths import JoinSide, equal_pairs
from citylake.pipelines.silo.join_path import JoinPath, KeyPair, RegisterStep

MOST_REGISTER_PATHS = 8


def register_paths(left: JoinSide, right: JoinSide, sides: Mapping[str, JoinSide]) -> list[JoinPath]:
    """Return the paths through one register, at most ``MOST_REGISTER_PATHS``."""
    found = (
        path
        for name, register in sides.items()
        if name not in (left.name, right.name)
        for path in _through(left, right, register)
    )
    return list(islice(found, MOST_REGISTER_PATHS))


def _through(left: JoinSide, right: JoinSide, register: JoinSide) -> Iterator[JoinPath]:
    direct = {(pair.left.column, pair.right.column) for pair in equal_pairs(left, right)}
    for entry in equal_pairs(left, register):
        for leave in equal_pairs(register, right):
            if entry.left.domain == leave.right.domain or (entry.left.column, leave.right.column) in direct:
                continue
            if _is_key(register, entry.right.column) or _is_key(register, leave.left.column):
                until = register.validity.end if register.validity else None
                step = RegisterStep(register.name, entry.right, leave.left, until)
                pairs = (KeyPair(entry.left, leave.right),)
                yield JoinPath(left.name, right.name, "register", pairs, register=step)


def _is_key(register: JoinSide, column: str) -> bool:
    """Whether the column alone names an entry of the register, by its declared key."""
    return register.key - _validity_columns(register) == {column}


def _validity_columns(register: JoinSide) -> set[str]:
    return {register.validity.start, register.validity.end} if register.validity else set()
