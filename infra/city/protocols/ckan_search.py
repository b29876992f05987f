"""``datastore_search`` over rows in memory, as CKAN answers it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_MOST = 100
_DEFAULT = 100
_PAST_END = 3

CkanRow = dict[str, Any]


class CkanRefusal(Exception):  # noqa: N818
    """An action that CKAN refuses: the HTTP status and the member ``error`` of its envelope."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        """Refuse with ``status`` and ``error``."""
        super().__init__(status, error)
        self.status, self.error = status, error


def datastore_search(
    rows: Sequence[CkanRow], params: Mapping[str, str], faults: frozenset[str], *, keyed: bool
) -> dict[str, Any]:
    """The member ``result``; ``keyed``: whether there are ranges in filters, and ``next_page``."""
    filters = json.loads(params.get("filters", "{}"))
    behind = filters.get("_id") if isinstance(filters.get("_id"), dict) else None
    # A deleted row moves all the others up.
    rows = rows[1:] if "shift" in faults else rows
    chosen = [row for row in rows if all(_holds(row, name, value, keyed) for name, value in filters.items())]
    limit, offset = min(_number(params, "limit", _DEFAULT), _MOST), _number(params, "offset", 0)
    first = offset == 0 and behind is None
    before = [row for row in rows if behind and row["_id"] <= behind["gt"]]
    page = _page([*before, *chosen], limit, len(before) + offset, faults)
    total = len(chosen)
    result = {
        "resource_id": params["resource_id"],
        "fields": [{"id": name, "type": "int" if name == "_id" else "text"} for name in _names(rows, faults, first)],
        "records": [dict(zip(_names(rows, faults, first), row.values(), strict=True)) for row in page],
        "limit": limit,
        "offset": offset,
        "total": str(total) if "text_counts" in faults else total,
        "total_was_estimated": False,
    }
    if params.get("include_total") == "false":
        del result["total"], result["total_was_estimated"]
    # The last page has none.
    asked = params.get("include_next_page") == "true" and params.get("sort") == "_id"
    if keyed and asked and page and page[-1]["_id"] != chosen[-1]["_id"]:
        result["next_page"] = {"filters": {**filters, "_id": {"gt": page[-1]["_id"]}}}
    return result


def _page(rows: Sequence[CkanRow], limit: int, start: int, faults: frozenset[str]) -> Sequence[CkanRow]:
    if "repeated_page" in faults and start:
        return rows[max(0, start - limit) : start]
    if "short_page" in faults:
        limit = limit // 2
    page = rows[start : start + limit]
    return rows[:_PAST_END] if "past_end" in faults and not page and limit else page


def _names(rows: Sequence[CkanRow], faults: frozenset[str], first: bool) -> list[str]:
    renamed = "renamed_column" in faults and not first
    return ["sqlx_new" if renamed and name == "sqlx" else name for name in rows[0]]


def _holds(row: CkanRow, name: str, value: Any, keyed: bool) -> bool:
    if name not in row:
        raise CkanRefusal(409, {"__type": "Validation Error", "filters": [f'invalid filter field "{name}"']})
    if isinstance(value, dict):
        if not keyed:
            message = "invalid input syntax for type integer"
            raise CkanRefusal(409, {"__type": "Validation Error", "query": [message]})
        return bool(row[name] > value["gt"])
    return row[name] in value if isinstance(value, list) else bool(row[name] == value)


def _number(params: Mapping[str, str], name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not text.isdecimal():
        raise CkanRefusal(409, {"__type": "Validation Error", name: ["Invalid integer"]})
    return int(text)
