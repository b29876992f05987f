"""CKAN portals."""

from __future__ import annotations

from typing import Literal

from schemas.formats import JsonFormat
from schemas.source.base import AnyFormat
from schemas.source.http import HttpBase


class CkanSource(HttpBase):
    """A resource of a CKAN portal."""

    connector: Literal["ckan"]
    format: AnyFormat = JsonFormat(records="result.records")
