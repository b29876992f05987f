"""Nested values as JSON text: a ledger must be readable by any tool, and its columns must not change with a message."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from schemas.faults import Problem


def as_json(value: Any) -> str:
    """``value`` as JSON; dates and other values as people write them."""
    return json.dumps(value, ensure_ascii=False, default=str)


def problems(found: Iterable[Problem]) -> str:
    """Problems as a JSON list of ``{code, values}``."""
    return as_json([{"code": item.code, "values": dict(item.values)} for item in found])
