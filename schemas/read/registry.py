"""The registry: every declaration of a workspace, by id."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from citylake.schemas.base.declaration import Declaration
from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.model.code_list import CodeList, Crosswalk
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.delivery import Delivery
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.entity import EntityDeclaration
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.mart_test import TEST_SUFFIX
from citylake.schemas.read.workspace import Workspace, WorkspaceCopies
from citylake.schemas.words.errors import CitylakeError, Problem

if TYPE_CHECKING:
    from citylake.schemas.read.declaration_texts import DeclarationTexts


class ShapeError(Exception):
    """A file whose document has not the type of its folder (for example a list of elements)."""


@dataclass(frozen=True, slots=True)
class YamlLocation:
    """Where something is declared: a file, and the path of keys in it."""

    path: Path
    keys: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class InvalidDeclaration:
    """A declaration that could not be read: its location, and pydantic's error or YAML's."""

    place: YamlLocation
    error: Exception
    model: type[Declaration] | None = None
    """The expected model, if known."""
    id: str | None = None
    kind: str | None = None
    """The folder of the workspace that its file belongs to: ``datasets``, ``elements`` and so on."""


@dataclass(frozen=True, slots=True)
class FaultyDeclaration:
    """A declaration that was left out of a registry because of a fault: its kind (``dataset``, …), id and fault."""

    kind: str
    id: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class DuplicateId:
    """An id that the packs or one workspace declare twice; the first declaration is used."""

    kind: str
    id: str
    first: YamlLocation
    again: YamlLocation


@dataclass(slots=True)
class Registry:
    """All declarations of one workspace. ``invalid`` has those that could not be read; lint reports them."""

    workspace: Workspace
    elements: dict[str, DataElement] = field(default_factory=dict)
    codes: dict[str, CodeList] = field(default_factory=dict)
    crosswalks: dict[str, Crosswalk] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    marts: dict[str, Mart] = field(default_factory=dict)
    entities: dict[str, EntityDeclaration] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    places: dict[tuple[str, str], YamlLocation] = field(default_factory=dict)
    invalid: list[InvalidDeclaration] = field(default_factory=list)
    clashes: list[DuplicateId] = field(default_factory=list)
    faulty: tuple[FaultyDeclaration, ...] = ()
    """What a run leaves out and reports; empty in a registry as it was read."""
    token_key: str = field(default="", compare=False)
    """The id of the key of tokens in force, which a run sets; empty if the key is not set or not needed."""
    declared: DeclarationTexts | None = field(default=None, repr=False, compare=False)
    """The files as they were read first for a record of them."""
    texts: dict[int, tuple[Declaration, str]] = field(default_factory=dict, repr=False, compare=False)
    """Declarations as JSON, by ``id()``, for fingerprints of contracts; each is kept, so that its id stays its own."""

    def contract(self, dataset: str) -> Contract:
        """The contract of a dataset; raises DECLARATION_FAULTY or DATASET_UNKNOWN."""
        if dataset in self.contracts:
            return self.contracts[dataset]
        for each in self.faulty:
            if (each.kind, each.id) == ("dataset", dataset):
                raise CitylakeError(each.problem.code, **each.problem.values)
        raise CitylakeError("DATASET_UNKNOWN", dataset=dataset, known=", ".join(sorted(self.contracts)) or "—")

    def columns(self, contract: Contract) -> Mapping[str, str]:
        """Standard column → element id, in the contract's order."""
        return {
            binding.column or self.elements[binding.element].symbol: binding.element
            for binding in contract.fields.values()
        }


def load_registry(root: Path, *, copies: WorkspaceCopies | None = None) -> Registry:
    """Read the workspace at ``root`` with its packs; faults of declarations are recorded, not raised.

    ``copies``: folders to read in place of the installed packs and the extended workspaces.

    Raises what :class:`Workspace` raises: a missing folder, a faulty ``workspace.yaml``, an unknown pack.
    """
    registry = Registry(Workspace(root, copies=copies or WorkspaceCopies()))
    with pause_gc():
        for kind in ("elements", "codes", "datasets", "marts", "entities", "deliveries"):
            for path in registry.workspace.files(kind):
                try:
                    read_declarations(registry, kind, path)
                except Exception as error:
                    # Whatever a file does to its reader (a folder of that name, a circle of links, a nesting without
                    # end, a connector that cannot be imported): the other files are read.
                    registry.invalid.append(InvalidDeclaration(YamlLocation(path), error, kind=kind))
    return registry


@contextmanager
def pause_gc() -> Iterator[None]:
    """No garbage collection: everything that is read stays, and collection takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def read_declarations(registry: Registry, kind: str, path: Path) -> None:
    """Add the declarations of one file of the folder ``kind``; those that cannot be read are in ``invalid``.

    Raises ShapeError, and what ``read_yaml`` raises.
    """
    own = path.is_relative_to(registry.workspace.root)
    for each in _read_file(kind, path) if own else _read_base_file(kind, path):
        if isinstance(each, InvalidDeclaration):
            registry.invalid.append(each)
        elif registry.workspace.takes(kind, _identity(each[0]), path):
            _register(registry, *each)


_Read = tuple[Declaration, YamlLocation] | InvalidDeclaration
_base_files: dict[tuple[str, Path], tuple[tuple[int, int, int], list[_Read]]] = {}
"""What the files of packs and extended workspaces declare, by their state: many workspaces share them."""


def _read_base_file(kind: str, path: Path) -> list[_Read]:
    found = path.stat()
    state = (found.st_mtime_ns, found.st_size, found.st_ino)
    kept = _base_files.get((kind, path))
    if kept is None or kept[0] != state:
        _base_files[kind, path] = kept = (state, list(_read_file(kind, path)))
    return kept[1]


def _read_file(kind: str, path: Path) -> Iterator[_Read]:
    if kind == "marts" and path.name.endswith(TEST_SUFFIX):
        # Tests are read by whoever runs them: a faulty one stops no mart.
        return
    document = read_yaml(path)
    if kind in ("elements", "codes"):
        yield from _read_entries(kind, path, document)
    elif kind == "datasets":
        yield _validate(Contract, document, YamlLocation(path))
    elif kind == "entities":
        yield _validate(EntityDeclaration, document, YamlLocation(path))
    elif kind == "deliveries":
        yield _validate(Delivery, document, YamlLocation(path))
    elif path.name == "mart.yaml":
        yield _validate(Mart, document, YamlLocation(path))


def _read_entries(kind: str, path: Path, document: Any) -> Iterator[_Read]:
    if not isinstance(document, list | None):
        raise ShapeError("list")
    for number, entry in enumerate(document or []):
        crosswalk = isinstance(entry, dict) and "pairs" in entry
        model = DataElement if kind == "elements" else Crosswalk if crosswalk else CodeList
        yield _validate(model, entry, YamlLocation(path, (number,)))


def _validate(model: type[Declaration], entry: Any, place: YamlLocation) -> _Read:
    kind, key, _ = _STORES[model]
    try:
        return model.model_validate(entry), place
    except ValidationError as error:
        identity = entry.get(key) if isinstance(entry, dict) else None
        invalid_id = identity if isinstance(identity, str) else None
        return InvalidDeclaration(place, error, model, invalid_id, _FOLDERS[kind])


def _identity(value: Declaration) -> str:
    return str(getattr(value, _STORES[type(value)][1]))


def _register(registry: Registry, value: Declaration, place: YamlLocation) -> None:
    kind, _, store = _STORES[type(value)]
    identity = _identity(value)
    known = registry.places.get((kind, identity))
    workspace = registry.workspace
    if known and workspace.layer_of(known.path) == workspace.layer_of(place.path):
        registry.clashes.append(DuplicateId(kind, identity, known, place))
        return
    getattr(registry, store)[identity] = value
    registry.places[kind, identity] = place


_FOLDERS = {
    "element": "elements",
    "codes": "codes",
    "crosswalk": "codes",
    "dataset": "datasets",
    "mart": "marts",
    "entity": "entities",
    "delivery": "deliveries",
}
_STORES: Mapping[type[Declaration], tuple[str, str, str]] = {
    DataElement: ("element", "id", "elements"),
    CodeList: ("codes", "id", "codes"),
    Crosswalk: ("crosswalk", "id", "crosswalks"),
    Contract: ("dataset", "dataset", "contracts"),
    Mart: ("mart", "mart", "marts"),
    EntityDeclaration: ("entity", "entity", "entities"),
    Delivery: ("delivery", "delivery", "deliveries"),
}
