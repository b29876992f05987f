"""JSON documents and JSON lines."""

from __future__ import annotations

from operator import not_
from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.model.formats.csv_format import Encoding
from citylake.schemas.model.formats.format_base import SourceFormat


class JsonFormat(SourceFormat):
    """JSON: ``records`` is the dotted path to the list of records (none: the document is the list or record).

    Nested members become columns joined by ``.``: ``properties.stationcode``; list items by their index:
    ``geometry.coordinates.0``. ``explode`` is the path, within a record, of an inner list that makes the rows; its
    members keep the path (``items.name``), and the record's other members repeat beside them. A list on the way
    (``parks.lots``, where ``parks`` is one) makes rows too. ``unwrap`` are the paths of texts that hold JSON
    themselves, the outer ones first: what they hold takes their place before ``records``, or an envelope, is looked
    for. With ``lines`` they are paths within each line's record, and a text there that is no JSON stays a text.

    ``columns`` is the path, within a record, of an object whose members are lists of one length, the columns of a
    table: ``hourly: {time: […], pm10: […]}``. Item i of every list makes row i; the columns keep the path
    (``hourly.pm10``), and what else the record has repeats beside them.

    ``lists`` are columns that hold a list of scalars, with the separator that joins it to one text:
    ``{tags: ";"}``. ``*`` in a path stands for any text. A list that the separator cannot join is written as JSON.

    ``intervals`` are columns that hold an ISO 8601 interval ``a/b`` or an instant: ``<column>.start`` and
    ``<column>.end`` are added beside each, the instant itself for both where it is one.
    """

    type: Literal["json"] = "json"
    records: str | None = None
    explode: str | None = None
    columns: str | None = Field(None, exclude_if=not_)
    lists: dict[str, str] = Field({}, exclude_if=not_)
    intervals: tuple[str, ...] = ()
    unwrap: tuple[str, ...] = ()
    lines: bool = False
    encoding: Encoding = "utf-8"

    @model_validator(mode="after")
    def _words_agree(self) -> Self:
        if self.columns and self.explode:
            raise ValueError("rows come from explode or from columns, not from both")
        if not all(self.lists.values()):
            raise ValueError("lists needs a separator for each column")
        return self
