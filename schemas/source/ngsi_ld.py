"""NGSI-LD context brokers."""

from __future__ import annotations

from typing import Literal

from schemas.formats import JsonFormat
from schemas.source.base import AnyFormat
from schemas.source.http import HttpBase


class NgsiLdSource(HttpBase):
    """Entities of an NGSI-LD broker."""

    connector: Literal["ngsi_ld"]
    format: AnyFormat = JsonFormat()
