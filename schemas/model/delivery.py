"""A delivery (交付): tables of a mart, or a dataset, that go to another department, each version exactly once."""

from __future__ import annotations

from operator import not_
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration, Duration, Identifier, LocalizedText
from citylake.schemas.model.element import Sensitivity
from citylake.schemas.model.mart import Agreement

DeliveredName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
"""A table at the receiver, or the beginning of a file's name."""
CONTROL_TABLE = "_citylake_delivery"
"""In a front-end database: one row for each delivery, written in the transaction of its rows."""


class DeliveredTable(Declaration):
    """``columns``: those to deliver, all if empty. ``name``: the table or file at the receiver."""

    columns: tuple[ColumnName, ...] = ()
    name: DeliveredName | None = None


class DatabaseTarget(Declaration):
    """A front-end database (前置库), PostgreSQL, MariaDB or MySQL. ``connection`` has its address and password."""

    kind: Literal["database"]
    connection: Annotated[str, StringConstraints(min_length=1)]
    timeout_s: float = Field(30.0, gt=0)
    deadline_s: float = Field(3600.0, gt=0)
    """Time limits for opening a connection and for a whole delivery, s."""


class FolderTarget(Declaration):
    """An exchange folder (交换目录): a folder for each delivery. ``path`` may name variables, as ``${WORKSPACE}``."""

    kind: Literal["folder"]
    path: Annotated[str, StringConstraints(min_length=1)]
    format: Literal["csv", "parquet"] = "csv"


class Delivery(Declaration):
    """``deliveries/<name>.yaml``.

    ``mode``: the whole version each time, or the ``changes`` since the last one: rows inserted, updated and deleted by
    key. ``after``: every publication, the ``cron`` of a ``schedule`` in Airflow (in the workspace's zone), or the
    command alone. ``highest``: the greatest sensitivity that the receiver may have. ``agreement``: by dataset that is
    shared under a condition, the document by which the receiver meets it. ``acknowledge_within``: how long an
    acknowledgement may take; without it, none is expected.
    """

    delivery: ColumnName
    title: LocalizedText
    department: Annotated[str, StringConstraints(min_length=1)]
    mart: ColumnName | None = None
    dataset: Identifier | None = None
    tables: dict[str, DeliveredTable] = {}
    """Of a mart: the tables to deliver, all if empty. Of a dataset: its id alone."""
    target: Annotated[DatabaseTarget | FolderTarget, Field(discriminator="kind")]
    mode: Literal["full", "changes"] = "full"
    after: Literal["publication", "schedule", "command"] = "publication"
    cron: str | None = None
    highest: Sensitivity = Sensitivity()
    agreement: dict[Identifier, Agreement] = Field({}, exclude_if=not_)
    acknowledge_within: Duration | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.mart is None) == (self.dataset is None):
            raise ValueError("a delivery names either a mart or a dataset")
        if (self.after == "schedule") != (self.cron is not None):
            raise ValueError("after: schedule needs a cron, and only that")
        if self.dataset and self.tables.keys() - {self.dataset}:
            raise ValueError("tables of a delivery of a dataset names the dataset alone")
        return self

    @property
    def subject(self) -> tuple[Literal["mart", "dataset"], str]:
        """What is delivered: its kind and its id."""
        return ("mart", self.mart) if self.mart else ("dataset", self.dataset or "")

    @property
    def destination(self) -> str:
        """The target for messages and the ledger: it holds no secret."""
        target = self.target
        return f"database:{target.connection}" if isinstance(target, DatabaseTarget) else f"folder:{target.path}"
