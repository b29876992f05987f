"""Datasets run in an order in which what they refer to is there."""

from __future__ import annotations

from typing import Any

import pytest

from citylake.pipelines.flow.run_order import order_datasets
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.workspace import Workspace
from citylake.schemas.words.errors import CitylakeError
from tests.declared import ALL_PACKS


def registry(*needs: tuple[str, str | None]) -> Registry:
    found = Registry(Workspace(ALL_PACKS))
    words: Any = {"zh": "测", "en": "test"}
    for name, other in needs:
        references = [{"columns": ["a"], "dataset": other, "keys": ["a"]}] if other else []
        found.contracts[name] = Contract.model_validate(
            {
                "dataset": name,
                "title": words,
                "owner": {"department": "测"},
                "source": {"connector": "files", "path": "x", "format": "csv"},
                "fields": {"a": {"element": "air.pm10"}},
                "references": references,
                "write": {"mode": "append"},
            }
        )
    return found


def test_what_is_referred_to_comes_first() -> None:
    found = order_datasets(registry(("a.one", "z.two"), ("z.two", None)), [])
    assert [contract.dataset for contract in found] == ["z.two", "a.one"]


def test_only_what_was_chosen_runs() -> None:
    found = order_datasets(registry(("a.one", "z.two"), ("z.two", None)), ["a.one"])
    assert [contract.dataset for contract in found] == ["a.one"]


def test_an_unknown_dataset_is_told_with_the_known_ones() -> None:
    with pytest.raises(CitylakeError, match=r"There is no dataset b\.one .* It has: a\.one"):
        order_datasets(registry(("a.one", None)), ["b.one"])


def test_a_circle_of_references_is_told() -> None:
    with pytest.raises(CitylakeError, match="cycle"):
        order_datasets(registry(("a.one", "z.two"), ("z.two", "a.one")), [])
