"""The registry: every declaration of a workspace, by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.code_list import CodeList, Crosswalk
from schemas.contract import Contract
from schemas.declaration import Declaration
from schemas.element import DataElement
from schemas.mart import Mart
from schemas.workspace import Workspace
from schemas.yamlfile import read_yaml


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was declared: a file, and the keys that lead to it."""

    path: Path
    keys: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Invalid:
    """A declaration that could not be read: its place, and pydantic's error or YAML's."""

    place: Place
    error: Exception


@dataclass(slots=True)
class Registry:
    """All declarations of one workspace. ``invalid`` holds what did not read; ``citylake lint`` tells of it."""

    workspace: Workspace
    elements: dict[str, DataElement] = field(default_factory=dict)
    codes: dict[str, CodeList] = field(default_factory=dict)
    crosswalks: dict[str, Crosswalk] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    marts: dict[str, Mart] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    invalid: list[Invalid] = field(default_factory=list)

    def element_of(self, contract: Contract, column: str) -> DataElement:
        """The element behind a standard column of ``contract``; KeyError where there is none."""
        return self.elements[self.columns(contract)[column]]

    def columns(self, contract: Contract) -> Mapping[str, str]:
        """Standard column → element id, in the contract's order."""
        return {
            binding.column or self.elements[binding.element].symbol: binding.element
            for binding in contract.fields.values()
        }


def load(root: Path | None = None) -> Registry:
    """Read every declaration below ``root`` (the built-in workspace where not given)."""
    registry = Registry(Workspace(root))
    for kind, reader in (
        ("elements", _elements),
        ("codes", _codes),
        ("datasets", _contract),
        ("marts", _mart),
    ):
        for path in registry.workspace.files(kind):
            try:
                reader(registry, path, read_yaml(path))
            except Exception as error:
                registry.invalid.append(Invalid(Place(path), error))
    return registry


def _elements(registry: Registry, path: Path, document: Any) -> None:
    for number, entry in enumerate(document or []):
        _add(registry, "element", registry.elements, DataElement, "id", entry, Place(path, (number,)))


def _codes(registry: Registry, path: Path, document: Any) -> None:
    for number, entry in enumerate(document or []):
        if "pairs" in entry:
            _add(registry, "crosswalk", registry.crosswalks, Crosswalk, "id", entry, Place(path, (number,)))
        else:
            _add(registry, "codes", registry.codes, CodeList, "id", entry, Place(path, (number,)))


def _contract(registry: Registry, path: Path, document: Any) -> None:
    _add(registry, "dataset", registry.contracts, Contract, "dataset", document, Place(path))


def _mart(registry: Registry, path: Path, document: Any) -> None:
    if path.name == "mart.yaml":
        _add(registry, "mart", registry.marts, Mart, "mart", document, Place(path))


def _add(
    registry: Registry,
    kind: str,
    store: dict[str, Any],
    model: type[Declaration],
    key: str,
    entry: Any,
    place: Place,
) -> None:
    try:
        value = model.model_validate(entry)
    except ValidationError as error:
        registry.invalid.append(Invalid(place, error))
        return
    identity = getattr(value, key)
    store[identity] = value
    registry.places[kind, identity] = place
