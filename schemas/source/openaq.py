"""The OpenAQ service, v3."""

from __future__ import annotations

from typing import Literal

from schemas.formats import JsonFormat
from schemas.source.base import AnyFormat
from schemas.source.http import HttpBase


class OpenaqSource(HttpBase):
    """Measurements of OpenAQ v3."""

    connector: Literal["openaq"]
    format: AnyFormat = JsonFormat(records="results")
