"""Who answers for a dataset or a mart."""

from __future__ import annotations

from citylake.schemas.base.declaration import Declaration


class Owner(Declaration):
    """The department that publishes the dataset, and the person who corrects it."""

    department: str
    steward: str | None = None
