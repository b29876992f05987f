"""Socrata portals (SODA)."""

from __future__ import annotations

from typing import Literal

from schemas.formats import JsonFormat
from schemas.source.base import AnyFormat
from schemas.source.http import HttpBase


class SocrataSource(HttpBase):
    """A dataset of a Socrata portal."""

    connector: Literal["socrata"]
    format: AnyFormat = JsonFormat()
