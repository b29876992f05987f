"""Until when the rows of the quarantine are to be settled."""

from __future__ import annotations

from pydantic import Field

from citylake.schemas.base.declaration import Declaration


class QuarantineSettings(Declaration):
    """``due_days``: the number of working days after the first refusal by which a row is to be settled."""

    due_days: int = Field(5, ge=1)
