"""Where a dataset comes from: what the settings of all connectors share. Each connector's own are in its folder."""

from __future__ import annotations

from citylake.schemas.model.formats import AnyFormat
from citylake.schemas.model.source.http_base import HttpBase
from citylake.schemas.model.source.source_base import ResponseEnvelope, ResponseEnvelopes, Source, SourceBase

__all__ = ["AnyFormat", "HttpBase", "ResponseEnvelope", "ResponseEnvelopes", "Source", "SourceBase"]
