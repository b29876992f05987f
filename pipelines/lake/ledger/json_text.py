"""Nested values as JSON text, so that any tool can read the ledger and a new message does not change its columns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from citylake.schemas.words.errors import Problem


def to_json_text(value: Any) -> str:
    """Return ``value`` as JSON; dates and other objects as ``str`` gives them."""
    return json.dumps(value, ensure_ascii=False, default=str)


def problems_to_json(found: Iterable[Problem]) -> str:
    """Return problems as a JSON list of ``{code, values}``."""
    return to_json_text([{"code": item.code, "values": dict(item.values)} for item in found])
