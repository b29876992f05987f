"""An entity (实体): the enterprises, facilities or other things that records of several datasets are about."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration, Identifier, LocalizedText
from citylake.schemas.model.element import CheckDigit, EntityKind


class IdentifierPart(Declaration):
    """A column with an official identifier. Written as a name alone, everything follows from the column's element.

    ``check``: the check digit to demand, by default that of the element. ``skip``: characters before the identifier,
    such as the six of the division in front of the organisation code in an old taxpayer number.
    """

    column: ColumnName
    check: CheckDigit | None = None
    skip: int = Field(0, ge=0, le=32)

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value


class ValidColumns(Declaration):
    """The columns with the first day on which a record is valid, and the day on which it ends (none: still valid)."""

    start: ColumnName | None = Field(None, alias="from")
    end: ColumnName | None = Field(None, alias="to")


class EntityRecords(Declaration):
    """Records of an entity in one dataset: the columns of its standard table, by the part that each plays.

    ``key``: what tells records apart; rows with the same key are one record, and the newest by ``date`` is read.
    ``place``: a division, a postal code or another area. ``valid``: of a register, its own validity by default.
    """

    key: tuple[ColumnName, ...] = Field(min_length=1)
    identifiers: tuple[IdentifierPart, ...] = ()
    name: ColumnName | None = None
    address: ColumnName | None = None
    phone: ColumnName | None = None
    place: ColumnName | None = None
    date: ColumnName | None = None
    valid: ValidColumns = ValidColumns()

    def columns(self) -> dict[tuple[str | int, ...], str]:
        """Each column by the keys of the declaration that name it."""
        found: dict[tuple[str | int, ...], str] = {("key", n): name for n, name in enumerate(self.key)}
        found |= {("identifiers", n): part.column for n, part in enumerate(self.identifiers)}
        single: dict[tuple[str | int, ...], str | None] = {
            (name,): getattr(self, name) for name in ("name", "address", "phone", "place", "date")
        }
        single |= {("valid", "from"): self.valid.start, ("valid", "to"): self.valid.end}
        return found | {keys: name for keys, name in single.items() if name}


class SimilarityLinks(Declaration):
    """Links between records that share no identifier, by names, addresses and telephones.

    Pairs whose probability is at least ``accept`` are linked; from ``review`` on they wait for a person.
    ``language``: whose names and addresses these are. ``noise``: words of names that tell nothing (``幼儿园``).
    """

    accept: float = Field(0.95, gt=0.0, le=1.0)
    review: float = Field(0.5, gt=0.0, le=1.0)
    language: Literal["zh", "en"] = "zh"
    noise: tuple[str, ...] = ()


class EntityDeclaration(Declaration):
    """``entities/<entity>.yaml``. Without ``similar``, only equal identifiers and persons' decisions make links."""

    entity: ColumnName
    kind: EntityKind
    name: LocalizedText
    records: dict[Identifier, EntityRecords] = Field(min_length=1)
    similar: SimilarityLinks | None = None

    @property
    def table(self) -> str:
        """The name by which the SQL of a mart reads the links."""
        return f"{ENTITY_SCHEMA}.{self.entity}"


ENTITY_SCHEMA = "entities"
LINK_COLUMNS = {
    "entity_id": "VARCHAR",
    "dataset": "VARCHAR",
    "record_key": "VARCHAR",
    "valid_from": "DATE",
    "valid_to": "DATE",
    "link_id": "VARCHAR",
    "stage": "VARCHAR",
    "score": "DOUBLE",
    "reason": "VARCHAR",
    "linked_to": "VARCHAR",
    "reviewer": "VARCHAR",
}
"""The columns of a table of links, with their DuckDB types; docs/entities.md says what each means."""
