"""What each connector keeps from one pull to the next, so that a state set by hand is one that it can go on from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from citylake.pipelines.pull.connector_api import PullState
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translations_of


def _validate_moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _validate_instant(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)
    return text


MomentText = Annotated[str, AfterValidator(_validate_moment)]
InstantText = Annotated[str, AfterValidator(_validate_instant)]
"""A moment with its offset from UTC."""


class ConnectorState(BaseModel):
    """Nothing: every pull takes all."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _DocumentState(ConnectorState):
    etag: str | None = None
    last_modified: str | None = None


class _FeedState(_DocumentState):
    stamp: str | None = None


class _DocumentPairState(ConnectorState):
    measured: _DocumentState = _DocumentState()
    site_table: _DocumentState = _DocumentState()
    stamp: str | None = None


class _FileState(ConnectorState):
    source: str
    size: int | None = None
    changed_at: float | None = None
    etag: str | None = None


class _RowsState(ConnectorState):
    """A watermark, or what is left to mark as taken."""

    column: str | None = None
    type: str | None = None
    since: str | int | float | None = None
    rows: int | None = None
    hash: str | None = None
    batch: list[str] | None = None
    time: list[str] | None = None


class _EditedState(ConnectorState):
    edited_ms: int


class _UpdatedState(ConnectorState):
    updated_at: MomentText


class _LastRowState(ConnectorState):
    id: int | str = Field(alias="_id")
    row: str


class _PeriodEndState(ConnectorState):
    end: InstantText


class _LatestState(ConnectorState):
    latest: dict[str, InstantText]


_STATE_MODELS: Mapping[str, type[ConnectorState]] = {
    "arcgis": _EditedState,
    "ckan": _LastRowState,
    "database": _RowsState,
    "datex2": _DocumentPairState,
    "files": _FileState,
    "gtfs": _DocumentState,
    "gtfs_rt": _FeedState,
    "http": _DocumentState,
    "openaq": _PeriodEndState,
    "sensorthings": _LatestState,
    "socrata": _UpdatedState,
}


def validate_connector_state(dataset: str, connector: str, state: PullState) -> PullState:
    """The state, if the connector can go on from it, as from an empty one it always can; raises STATE_MISSHAPEN."""
    kept = _STATE_MODELS.get(connector, ConnectorState)
    try:
        if state:
            kept.model_validate(state)
    except ValidationError as error:
        raise _misshapen_state(dataset, connector, kept, error) from None
    return state


def _misshapen_state(dataset: str, connector: str, kept: type[ConnectorState], error: ValidationError) -> CitylakeError:
    first = error.errors(include_url=False)[0]
    named = [field.alias or name for name, field in kept.model_fields.items()]
    kind = first["type"] if first["type"] in ("extra_forbidden", "missing") else "value"
    values: dict[str, Any] = {"dataset": dataset, "connector": connector, "names": ", ".join(named) or "—"}
    reason, where = translations_of(f"pull.state_{kind}"), ".".join(str(part) for part in first["loc"])
    assert reason
    return CitylakeError("STATE_MISSHAPEN", key=where, reason=reason.model_dump(), **values)
