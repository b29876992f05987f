"""The page of the silo map: departments by elements, departments by key values that meet, trend, and next acts."""

from __future__ import annotations

from typing import Any, Final

from citylake.pipelines.silo.department_pairs import OwnerPair
from citylake.pipelines.silo.domain_statement import domain_statement
from citylake.pipelines.silo.silo_map import SiloMap
from citylake.pipelines.silo.silo_record import PAIR_FIGURE
from citylake.pipelines.site.report.report_input import ReportInput
from citylake.pipelines.site.report.report_ledger import sql_moment
from citylake.schemas.read.registry import Registry

_STEPS: Final = 5
"""Shades of a heat map."""
_TREND_DAYS: Final = 90


def silo_report(given: ReportInput) -> dict[str, Any]:
    """Return the document of the page."""
    found = given.silo
    return {
        "lake": given.lake.url,
        "at": given.now.isoformat(),
        "listed": "silo",
        "figures": [{"name": name, "value": value} for name, value in found.figures.items()],
        "departments": list(found.departments),
        "uses": [each.document() for each in found.uses],
        "rows": [_row(found, name) for name in found.departments],
        "pairs": [_pair(given.registry, number, pair) for number, pair in enumerate(found.pairs) if pair.domains],
        "trend": given.ledger.table(_trend(given)),
        "acts": [each.document() for each in found.acts],
    }


def _row(found: SiloMap, department: str) -> dict[str, Any]:
    return {"department": department, "cells": [_cell(found, department, other) for other in found.departments]}


def _cell(found: SiloMap, one: str, other: str) -> dict[str, Any]:
    """One cell of the heat map: the share of the row's key values that the column has, and its shade from 0 to 5."""
    pair = found.pair(one, other) if one != other else None
    if pair is None or not pair.domains:
        return {"same": one == other, "share": None, "met": 0, "shade": 0, "pair": None}
    share = pair.left_share if pair.left == one else pair.right_share
    number = found.pairs.index(pair)
    return {"same": False, "share": share, "met": pair.met, "shade": _shade(share, pair.met), "pair": number}


def _shade(share: float, met: int) -> int:
    return min(_STEPS, 1 + int(share * _STEPS)) if met else 0


def _pair(registry: Registry, number: int, pair: OwnerPair) -> dict[str, Any]:
    document = pair.document()
    for each in document["domains"]:
        each["statement"] = domain_statement(registry, pair.left, pair.right, each["domain"])
    return {"number": number, **document}


def _trend(given: ReportInput) -> str:
    return (
        "SELECT CAST(recorded_at AS DATE) AS day, figure, arg_max(value, recorded_at) AS value FROM silo_figures"
        f" WHERE subject = '' AND figure <> '{PAIR_FIGURE}'"
        f" AND recorded_at > {sql_moment(given.now)} - INTERVAL {_TREND_DAYS} DAY"
        " GROUP BY ALL ORDER BY day DESC, figure"
    )
