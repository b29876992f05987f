"""What each connector keeps from one pull to the next, so that a state set by hand is one that it can go on from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipelines.pull.connector import State
from schemas.catalogue import words_of
from schemas.faults import CitylakeError


def _moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _instant(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)
    return text


Moment = Annotated[str, AfterValidator(_moment)]
Instant = Annotated[str, AfterValidator(_instant)]
"""A moment with its offset from UTC."""


class Kept(BaseModel):
    """Nothing: every pull takes all."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _Document(Kept):
    etag: str | None = None
    last_modified: str | None = None


class _Feed(_Document):
    stamp: str | None = None


class _Pair(Kept):
    measured: _Document = _Document()
    site_table: _Document = _Document()
    stamp: str | None = None


class _File(Kept):
    source: str
    size: int | None = None
    changed_at: float | None = None
    etag: str | None = None


class _Rows(Kept):
    """A watermark, or what is left to mark as taken."""

    column: str | None = None
    type: str | None = None
    since: str | int | float | None = None
    rows: int | None = None
    hash: str | None = None
    batch: list[str] | None = None
    time: list[str] | None = None


class _Edited(Kept):
    edited_ms: int


class _Updated(Kept):
    updated_at: Moment


class _LastRow(Kept):
    id: int | str = Field(alias="_id")
    row: str


class _Ended(Kept):
    end: Instant


class _Latest(Kept):
    latest: dict[str, Instant]


_KEPT: Mapping[str, type[Kept]] = {
    "arcgis": _Edited,
    "ckan": _LastRow,
    "database": _Rows,
    "datex2": _Pair,
    "files": _File,
    "gtfs": _Document,
    "gtfs_rt": _Feed,
    "http": _Document,
    "openaq": _Ended,
    "sensorthings": _Latest,
    "socrata": _Updated,
}


def checked(dataset: str, connector: str, state: State) -> State:
    """The state, if the connector can go on from it, as from an empty one it always can; raises STATE_MISSHAPEN."""
    kept = _KEPT.get(connector, Kept)
    try:
        if state:
            kept.model_validate(state)
    except ValidationError as error:
        raise _misshapen(dataset, connector, kept, error) from None
    return state


def _misshapen(dataset: str, connector: str, kept: type[Kept], error: ValidationError) -> CitylakeError:
    first = error.errors(include_url=False)[0]
    named = [field.alias or name for name, field in kept.model_fields.items()]
    kind = first["type"] if first["type"] in ("extra_forbidden", "missing") else "value"
    values: dict[str, Any] = {"dataset": dataset, "connector": connector, "names": ", ".join(named) or "—"}
    reason, where = words_of(f"pull.state_{kind}"), ".".join(str(part) for part in first["loc"])
    assert reason
    return CitylakeError("STATE_MISSHAPEN", key=where, reason=reason.model_dump(), **values)
