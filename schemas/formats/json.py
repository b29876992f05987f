"""JSON documents and JSON lines."""

from __future__ import annotations

from typing import Literal

from schemas.declaration import Declaration
from schemas.formats.text import Encoding


class JsonFormat(Declaration):
    """JSON: ``records`` is the dotted path to the list of records (none: the document is the list or record).

    Nested members become columns joined by ``.``: ``properties.stationcode``; list items by their index:
    ``geometry.coordinates.0``. ``explode`` is the path, within a record, of an inner list that makes the rows; its
    members keep the path (``items.name``), and the record's other members repeat beside them.

    ``intervals`` are columns that hold an ISO 8601 interval ``a/b`` or an instant: ``<column>.start`` and
    ``<column>.end`` are added beside each, the instant itself for both where it is one.
    """

    type: Literal["json"] = "json"
    records: str | None = None
    explode: str | None = None
    intervals: tuple[str, ...] = ()
    lines: bool = False
    encoding: Encoding = "utf-8"
