"""A new word of a contract changes only the fingerprints of contracts with it: an upgrade reads nothing twice."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import citylake.schemas.model
from citylake.schemas.base.declaration import Declaration

OLDER = yaml.safe_load((Path(__file__).parents[2] / "fixtures" / "fields_of_42b6f2e.yaml").read_text("utf-8"))


def _models(base: type[Declaration]) -> Iterator[type[Declaration]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _later_fields() -> Iterator[tuple[str, str, type[Declaration]]]:
    package = citylake.schemas.model
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
    for model in _models(Declaration):
        known = OLDER.get(model.__name__, model.model_fields)
        yield from ((model.__name__, name, model) for name in model.model_fields if name not in known)


@pytest.mark.parametrize(("model_name", "name", "model"), list(_later_fields()))
def test_a_field_that_came_later_is_no_part_of_the_fingerprint_at_its_default(
    model_name: str, name: str, model: type[Declaration]
) -> None:
    field = model.model_fields[name]
    assert field.exclude_if is not None, f"{model_name}.{name} needs exclude_if"
    assert field.exclude_if(field.get_default(call_default_factory=True))
