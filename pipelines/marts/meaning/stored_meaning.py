"""What a mart's columns mean, as JSON in its published file: a query is checked without a workspace."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from citylake.pipelines.marts.meaning.column_fact import Fact, Weight
from citylake.pipelines.marts.meaning.table_facts import TableFacts
from citylake.pipelines.marts.meaning.unit_readings import unit_of
from citylake.pipelines.marts.plan.plan_operators import TableName

_WORDS = ("measure", "named", "frame", "label", "temporal")


def meaning_json(tables: Mapping[str, TableFacts]) -> str:
    """Return the facts of a mart's tables as JSON: table → keys, times, editions and columns."""
    return json.dumps({name: _table(facts) for name, facts in tables.items()}, sort_keys=True)


def read_meaning(text: str) -> Callable[[TableName], TableFacts]:
    """Return the facts of tables from :func:`meaning_json`; of a table that is not in it, nothing is known."""
    tables = {name: _facts(told) for name, told in json.loads(text).items()}
    return lambda table: tables.get(table[-1], TableFacts({}))


def _table(facts: TableFacts) -> dict[str, Any]:
    return {
        "keys": [sorted(key) for key in facts.keys],
        "times": sorted(facts.times),
        "editions": dict(facts.editions),
        "columns": {name: _column(fact) for name, fact in facts.columns.items()},
    }


def _column(fact: Fact) -> dict[str, Any]:
    found = {word: getattr(fact, word) for word in _WORDS if getattr(fact, word)}
    found |= {"unit": fact.unit.text} if fact.unit else {}
    return found | ({"weight": fact.weight.column} if fact.weight else {})


def _facts(told: Mapping[str, Any]) -> TableFacts:
    columns = {}
    for name, words in told["columns"].items():
        weight = Weight(words["weight"]) if "weight" in words else None
        known = {word: words[word] for word in _WORDS if word in words}
        columns[name] = Fact(name, unit=unit_of(words.get("unit")), weight=weight, **known)
    keys = tuple(map(frozenset, told["keys"]))
    return TableFacts(columns, keys, told["editions"], frozenset(told["times"]))
