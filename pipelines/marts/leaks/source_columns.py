"""The columns that marts read: their sensitivity, and what an aggregate may do with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.entity import EntityDeclaration
from citylake.schemas.model.sensitivity_level import SensitivityLevel, highest_level, sensitivity_level
from citylake.schemas.read.column_protection import ProtectedColumn, protected_columns
from citylake.schemas.read.contract_columns import derived_columns
from citylake.schemas.read.registry import Registry

Role = Literal["person", "category", "quantity", "date", "text"]
"""``person``: tells persons apart; ``category``: one of a list of codes; ``text``: anything else."""
LOWEST: Final = SensitivityLevel()
CORE: Final = highest_level([SensitivityLevel(5, 2, 2)])
_PROVENANCE: Final = frozenset({"_batch", "_receipt", "_row", "_source", "rowid"})
_BEST: Final = ("person.id_number", "person.certificate_no", "person.token")
_LINKS: Final = frozenset({"record_key", "linked_to", "reason", "entity_id", "link_id"})
"""The columns of a table of links that hold keys of records, or are made from them."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of an input. ``required``: it has a value in every row."""

    table: str
    name: str
    level: SensitivityLevel
    role: Role = "text"
    required: bool = False
    element: DataElement | None = None

    def __str__(self) -> str:
        """``social.insured.person_name``."""
        return f"{self.table}.{self.name}"

    def __hash__(self) -> int:
        """By its name alone: elements are large."""
        return hash((self.table, self.name))


@dataclass(frozen=True, slots=True)
class SourceTable:
    """``person``: the column that tells persons apart. ``key``: no two rows are equal in these; None if not known.

    ``ends``: the column that is null in the current rows of a register, whose versions start at ``starts``.
    """

    columns: Mapping[str, SourceColumn]
    rest: SourceColumn
    person: str | None = None
    key: frozenset[str] | None = None
    starts: str | None = None
    ends: str | None = None

    def column(self, name: str) -> SourceColumn:
        """The column ``name``; what is not known may hold everything that is in the table."""
        found = self.columns.get(name)
        return found or SourceColumn(self.rest.table, name, LOWEST if name in _PROVENANCE else self.rest.level)


def dataset_table(contract: Contract, registry: Registry) -> SourceTable:
    """Return the standard table of a dataset."""
    known = protected_columns(contract, registry)
    columns = dict[str, SourceColumn]()
    for binding in contract.fields.values():
        element = registry.elements[binding.element]
        name = binding.column or element.symbol
        own = _column(contract, name, known[name], binding)
        columns[name] = own
        for derived in derived_columns(name, binding, element):
            columns[derived] = SourceColumn(contract.dataset, derived, own.level)
    columns |= {each.name: each for each in _made(contract, columns)}
    rest = SourceColumn(contract.dataset, "*", highest_level(each.level for each in columns.values()))
    person = _person(known)
    starts, ends = _validity(contract)
    return SourceTable(columns, rest, person, _key(contract, person, starts), starts, ends)


def _column(contract: Contract, name: str, known: ProtectedColumn, binding: Binding) -> SourceColumn:
    refused = {column for rule in contract.rules for column in rule.refuse}
    level = sensitivity_level(known.sensitivity)
    required = binding.required and binding.refuse == "row" and name not in refused
    return SourceColumn(contract.dataset, name, level, _role(known, binding), required, known.element)


def _role(known: ProtectedColumn, binding: Binding) -> Role:
    element = known.element
    if known.protection == "token" or (element.check_digit == "id_number" and known.protection == "none"):
        return "person"
    if element.type == "boolean" or (element.codes is not None and binding.separator is None):
        return "category"
    if element.type in ("integer", "decimal"):
        return "quantity"
    return "date" if element.type in ("date", "datetime") else "text"


def _made(contract: Contract, columns: Mapping[str, SourceColumn]) -> Iterator[SourceColumn]:
    """Columns that no binding makes: of the partition and of a register's validity."""
    write, table = contract.write, contract.dataset
    if write.partition:
        period, _, by = write.partition.rstrip(")").partition("(")
        yield SourceColumn(table, f"_{period}", columns[by].level if by in columns else LOWEST, "date")
    if write.mode == "snapshot" and write.valid is None:
        source = columns.get(write.effective or "")
        level = source.level if source else LOWEST
        yield from (SourceColumn(table, name, level, "date") for name in ("valid_from", "valid_to"))


def _person(known: Mapping[str, ProtectedColumn]) -> str | None:
    """The column that tells persons apart best: an identity number, a document, another token, any number or name.

    Two persons may have one name, so that names count too few; never too many.
    """
    found = [(rank, name) for name, each in known.items() if (rank := _person_rank(each)) is not None]
    return min(found)[1] if found else None


def _person_rank(known: ProtectedColumn) -> int | None:
    element = known.element
    if element.id in _BEST:
        return _BEST.index(element.id)
    if known.protection == "token":
        return len(_BEST)
    named = element.type == "string" and element.codes is None and element.representation in ("number", "name")
    personal = element.sensitivity.personal != "none" and element.id != "person.household_division"
    return len(_BEST) + 1 if named and personal else None


def _validity(contract: Contract) -> tuple[str | None, str | None]:
    write = contract.write
    if write.mode != "snapshot":
        return None, None
    # Of a validity that the source gives, nobody knows whether only one row of a key has no end.
    return (write.valid.start, None) if write.valid else ("valid_from", "valid_to")


def _key(contract: Contract, person: str | None, starts: str | None) -> frozenset[str] | None:
    write = contract.write
    if write.mode not in ("upsert", "snapshot"):
        return None if person else frozenset({"rowid"})
    return frozenset({*write.key, *([starts] if starts else [])})


def optional_table(dataset: str, columns: Mapping[str, str], registry: Registry) -> SourceTable:
    """Return an optional dataset that is not declared: element → the sensitivity that it will have."""
    found = {
        name: SourceColumn(dataset, name, sensitivity_level(registry.elements[element].sensitivity))
        for name, element in columns.items()
    }
    return SourceTable(found, SourceColumn(dataset, "*", highest_level(each.level for each in found.values())))


def links_table(entity: EntityDeclaration, tables: Mapping[str, SourceTable]) -> SourceTable:
    """Return the table of links of an entity: its keys are as sensitive as the columns by which records are linked."""
    linked = (
        tables[dataset].column(name).level
        for dataset, records in entity.records.items()
        if dataset in tables
        for name in records.columns().values()
    )
    level = highest_level(linked)
    columns = {name: SourceColumn(entity.table, name, level) for name in _LINKS}
    return SourceTable(columns, SourceColumn(entity.table, "*", LOWEST))
