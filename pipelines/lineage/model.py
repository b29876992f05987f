"""What lineage tells: tables, what their columns are made from, and what a run made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from quality.check import Check
from schemas.contract import Owner
from schemas.declaration import Text
from schemas.faults import Problem
from schemas.how import How


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A dataset by OpenLineage's naming: ``file`` and a path, ``s3://bucket`` and a key, ``postgres://host:5432`` …"""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """One column that a column, or the choice of rows, depends on."""

    place: Place
    field: str
    how: How
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """``type`` is DuckDB's; none where a source gives text or does not say."""

    name: str
    type: str | None = None
    about: Text | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What a run made of a table: its version, the rows that were written, and how they were judged."""

    version: int | str | None = None
    written: int | None = None
    first: bool = False
    """The table did not exist before."""
    whole: bool = False
    """What was there before is gone."""
    judged: int | None = None
    """Rows that were looked at."""
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table, file or service, with what is known of it."""

    place: Place
    title: Text
    columns: tuple[Column, ...] = ()
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    """By column, what its values come from."""
    rows: tuple[Link, ...] = ()
    """What decides which rows there are."""
    owner: Owner | None = None
    made: Made = Made()


@dataclass(frozen=True, slots=True)
class Told:
    """One job's run: what it read and what it wrote. ``problems`` are those that stopped it, if any did."""

    job: str
    title: Text
    inputs: tuple[Table, ...]
    outputs: tuple[Table, ...]
    sql: str = ""
    stopped: bool = False
    problems: tuple[Problem, ...] = ()
