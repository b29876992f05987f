"""Which rows of its partition a window reads for one row."""

from __future__ import annotations

import copy
from typing import Final

from citylake.pipelines.history.trace.select_tree import UNBOUNDED, Tree

_OWN_FRAME: Final = ("WINDOW_AGGREGATE", "WINDOW_FIRST_VALUE", "WINDOW_LAST_VALUE", "WINDOW_NTH_VALUE")
_NOT_AFTER: Final = {
    "WINDOW_ROW_NUMBER": "CURRENT_ROW_ROWS",
    "WINDOW_RANK": "CURRENT_ROW_RANGE",
    "WINDOW_RANK_DENSE": "CURRENT_ROW_RANGE",
}
"""Windows that count what stands before a row → where that ends."""


def window_list(window: Tree, value: Tree, *, wide: bool) -> Tree:
    """A window that lists ``value`` of the rows that ``window`` reads; ``wide``: of its whole partition."""
    made = {
        "class": "WINDOW",
        "type": "WINDOW_AGGREGATE",
        "alias": "",
        "function_name": "list",
        "schema": "",
        "catalog": "",
        "children": [value],
        "partitions": copy.deepcopy(window["partitions"]),
        "orders": [],
        **UNBOUNDED,
        "offset_expr": None,
        "default_expr": None,
        "ignore_nulls": False,
        "filter_expr": None,
        "exclude_clause": "NO_OTHER",
        "distinct": False,
        "arg_orders": [],
    }
    frame = None if wide or window["ignore_nulls"] or window["arg_orders"] else _frame(window)
    return made if frame is None else {**made, "orders": copy.deepcopy(window["orders"]), **frame}


def _frame(window: Tree) -> Tree | None:
    """The frame with the rows that are read; None: the whole partition."""
    kind = window["type"]
    if kind in _OWN_FRAME:
        return copy.deepcopy({name: window[name] for name in (*UNBOUNDED, "exclude_clause")})
    if kind in _NOT_AFTER and window["orders"]:
        return {**UNBOUNDED, "end": _NOT_AFTER[kind]}
    if kind in ("WINDOW_LAG", "WINDOW_LEAD") and (steps := _steps(window)) is not None:
        if kind == "WINDOW_LAG":
            return {**UNBOUNDED, "start": "EXPR_PRECEDING_ROWS", "start_expr": steps, "end": "CURRENT_ROW_ROWS"}
        return {**UNBOUNDED, "start": "CURRENT_ROW_ROWS", "end": "EXPR_FOLLOWING_ROWS", "end_expr": steps}
    return None


def _steps(window: Tree) -> Tree | None:
    """By how many rows ``lag`` or ``lead`` goes, as a constant; None if it depends on the row, or is negative."""
    offset = window["offset_expr"]
    if offset is None:
        one = {"type": {"id": "INTEGER", "type_info": None}, "is_null": False, "value": 1}
        return {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "value": one}
    value = offset.get("value") or {}
    whole = isinstance(value.get("value"), int) and value["value"] >= 0
    return copy.deepcopy(offset) if offset["class"] == "CONSTANT" and whole else None
