"""Messages of HJ 212, the protocol of monitors at pollution sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from citylake.schemas.model.formats.csv_format import Encoding
from citylake.schemas.model.formats.format_base import SourceFormat

Command = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]


class Hj212Format(SourceFormat):
    """Frames one after another, each on a line or not: an archive, or the bytes of a connection.

    ``rows``: a row for each factor of a message (``factor``, ``factor-Avg``, …), or one for each message, with
    columns such as ``a21026-Avg``. ``commands``: the values of CN whose messages are data; the others are counted.
    ``encoding`` of texts within messages. ``bad_rows: hold``: a frame that cannot be read holds the file.
    """

    type: Literal["hj212"] = "hj212"
    rows: Literal["factors", "messages"] = "factors"
    commands: tuple[Command, ...] = Field(("2011", "2031", "2051", "2061"), min_length=1)
    encoding: Encoding = "gb18030"
    bad_rows: Literal["quarantine", "hold"] = "quarantine"
