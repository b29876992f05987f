"""What a contract wants done where the source no longer looks as it says."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from citylake.schemas.model.declaration import ColumnName, Declaration

DriftKind = Literal["added", "missing", "renamed", "retyped", "categories"]
DriftMode = Literal["report", "quarantine", "hold"]


class DriftPolicy(Declaration):
    """One choice for each kind of change. ``hold``: nothing of the batch becomes visible.

    ``added``: a field neither bound nor ignored. ``report``: its values stay in raw; ``quarantine``: so do they, and
    rows with a value there are refused.
    ``missing``: a bound field that is not ``optional``. ``quarantine``: every row is refused; ``report``: its columns
    are null in the batch, but a field that is required, or that the key or the partition needs, still holds.
    ``renamed``: a bound field is missing, optional or not, and another that looks like it has come. ``quarantine``:
    every row is refused; ``report``: only the proposal is told, and the two go as ``missing`` and ``added`` say. The
    new field is never taken for the old one: that is for the contract to say.
    ``retyped``: most values of a column in one receipt cannot be read. ``quarantine``: those rows are refused, which
    they are anyhow; ``report`` would need nulls for values that nobody understood, so there is no such choice.
    ``categories``: a value of a category column that the dataset never had. ``quarantine``: its rows are refused.
    """

    added: DriftMode = "report"
    missing: DriftMode = "hold"
    renamed: DriftMode = "hold"
    retyped: DriftMode = "quarantine"
    categories: DriftMode = "report"
    accept: dict[ColumnName, tuple[str, ...]] = {}
    """Values that are no news, by category column: how one is let in where ``categories`` stops it."""

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if self.retyped == "report":
            raise ValueError("retyped cannot be report")
        return self
