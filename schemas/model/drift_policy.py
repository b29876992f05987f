"""What to do if the source no longer has the shape that the contract declares."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration

DriftKind = Literal["added", "missing", "renamed", "retyped", "categories"]
DriftMode = Literal["report", "quarantine", "hold"]


class DriftPolicy(Declaration):
    """One policy per kind of change. ``hold``: no row of the batch becomes visible.

    ``added``: a field that is neither bound nor ignored. ``report``: its values are in raw only; ``quarantine``: also,
    and rows with a value in it are quarantined.
    ``missing``: a bound field that is not ``optional``. ``quarantine``: every row is quarantined; ``report``: its
    columns are null in the batch, but a field that is required, or part of the key or the partition, holds the batch.
    ``renamed``: a bound field is missing, optional or not, and a similar new field is present. ``quarantine``: every
    row is quarantined; ``report``: only the proposal is reported, and the fields are handled by ``missing`` and
    ``added``. The new field never replaces the old one without a change of the contract.
    ``retyped``: most values of a column in one receipt cannot be read. ``quarantine``: those rows are quarantined, as
    they are without drift; ``report`` does not exist, because unreadable values would have to become null.
    ``categories``: a value of a category column that the dataset never had. ``quarantine``: its rows are quarantined.
    """

    added: DriftMode = "report"
    missing: DriftMode = "hold"
    renamed: DriftMode = "hold"
    retyped: DriftMode = "quarantine"
    categories: DriftMode = "report"
    accept: dict[ColumnName, tuple[str, ...]] = {}
    """Accepted values by category column; ``categories`` does not report or stop them."""

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if self.retyped == "report":
            raise ValueError("retyped cannot be report")
        return self
