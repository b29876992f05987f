"""Messages of JT/T 808, the protocol of terminals in vehicles."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats.format_base import SourceFormat


class Jt808Format(SourceFormat):
    """Frames one after another: an archive of a platform, or the bytes of a connection.

    A row for each position of the messages 0200 and 0704; other messages are counted. ``bad_rows: hold``: a frame that
    cannot be read holds the file.
    """

    type: Literal["jt808"] = "jt808"
    bad_rows: Literal["quarantine", "hold"] = "quarantine"
