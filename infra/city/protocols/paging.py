"""Pages of a list of records, with the faults that only a service can produce."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from citylake.infra.city.serve.fault_injection import is_fault_wanted

RecordList = list[dict[str, Any]]


@dataclass(frozen=True)
class PageCut:
    """A page, its position, and the reported count."""

    page: int
    size: int
    rows: RecordList
    total: int | str
    last: bool


def cut_page(request: Request, rows: RecordList, page: int, size: int, gone: int) -> PageCut:
    """Page ``page`` (from 1) of ``rows``; if rows shift, the first ``gone`` were deleted since the first request."""
    if page < 1 or size < 1:
        raise HTTPException(400, "pages and rows count from 1")
    rows = rows[gone:] if is_fault_wanted(request, "shift") else rows
    pages = max(1, -(-len(rows) // size))
    place = min(page, pages) if is_fault_wanted(request, "past_end") else page
    place -= int(is_fault_wanted(request, "repeated_page") and page > 1)
    found = rows[(place - 1) * size : place * size]
    if is_fault_wanted(request, "short_page"):
        found = found[:-1]
    if is_fault_wanted(request, "renamed_column") and page > 1:
        found = [{_renamed(name): value for name, value in row.items()} for row in found]
    total: int | str = str(len(rows)) if is_fault_wanted(request, "text_counts") else len(rows)
    return PageCut(page, size, found, total, page >= pages)


def int_parameter(given: Mapping[str, Any], name: str, default: int) -> int:
    """The number in ``name``; raises 400 if it is not a number."""
    try:
        return int(given.get(name, default))
    except ValueError:
        raise HTTPException(400, f"{name} is a number") from None


def _renamed(name: str) -> str:
    return "ajbh_new" if name == "ajbh" else name
