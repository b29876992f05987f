"""Sharing classes between departments (《政务数据共享条例》): unconditional, conditional, or not shared."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from citylake.schemas.base.declaration import Declaration, LocalizedText

SharingClass = Literal["unconditional", "conditional", "none"]
SHARING_CLASSES: Final[tuple[SharingClass, ...]] = ("unconditional", "conditional", "none")
"""From the widest to the strictest: 无条件共享, 有条件共享, 不予共享."""


class Sharing(Declaration):
    """Whether other departments may have the data.

    ``condition``: of conditional sharing, who may use the data and for what. ``basis``: the document and its article;
    data that is not shared needs one.
    """

    sharing_class: SharingClass = Field(alias="class")
    condition: LocalizedText | None = None
    basis: str | None = Field(None, min_length=1)

    @property
    def strictness(self) -> int:
        """The greater, the stricter."""
        return SHARING_CLASSES.index(self.sharing_class)
