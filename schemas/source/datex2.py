"""DATEX II snapshots."""

from __future__ import annotations

from typing import Literal

from schemas.formats import Datex2Format
from schemas.source.base import AnyFormat
from schemas.source.http import HttpBase


class Datex2Source(HttpBase):
    """A snapshot of DATEX II measured data and its site table."""

    connector: Literal["datex2"]
    format: AnyFormat = Datex2Format()
