"""What both open-data portals of the stand-in city hand out: the hotline's cases, typed as portals do."""

from __future__ import annotations

from typing import Any

from infra.city.generate import hotline
from infra.city.serve.held import Held

FIELDS = ("ajbh", "slsj", "bjsj", "ssqx", "sqlx", "sqfl", "ajzt", "myd")


def cases(held: Held) -> list[dict[str, Any]]:
    """The cases as they are on disk now: a test may change them between two pulls; empty texts are nulls."""
    return [{name: row.get(name) or None for name in FIELDS} for row in held.records(hotline.FILE)]
