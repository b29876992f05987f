"""Nested values as JSON text: a ledger must be readable by any tool, and its columns must not change with a message."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from citylake.schemas.words.errors import Problem


def to_json_text(value: Any) -> str:
    """``value`` as JSON; dates and other values as people write them."""
    return json.dumps(value, ensure_ascii=False, default=str)


def problems_to_json(found: Iterable[Problem]) -> str:
    """Problems as a JSON list of ``{code, values}``."""
    return to_json_text([{"code": item.code, "values": dict(item.values)} for item in found])
