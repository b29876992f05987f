"""The base class of connector states, and the types of their fields."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class ConnectorState(BaseModel):
    """Nothing is kept: every pull fetches everything. A connector that keeps something has a subclass with fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class DocumentState(ConnectorState):
    """The validators of a conditional GET."""

    etag: str | None = None
    last_modified: str | None = None


def _validate_moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _validate_instant(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)
    return text


MomentText = Annotated[str, AfterValidator(_validate_moment)]
"""A moment in ISO 8601, with or without its offset from UTC."""
InstantText = Annotated[str, AfterValidator(_validate_instant)]
"""A moment in ISO 8601 with its offset from UTC."""
