"""A sensor of OpenAQ with so many hours, as a server on the loopback answers for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)


def stamp(hour: int) -> str:
    return f"{START + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}"


def row(hour: int) -> dict[str, Any]:
    return {"value": hour, "period": {"datetimeTo": {"utc": stamp(hour), "local": stamp(hour)}}}


def meta(found: int | str) -> dict[str, Any]:
    return {"name": "openaq-api", "website": "/", "found": found}


def within(hour: int, after: str | None, upto: str | None) -> bool:
    end = START + timedelta(hours=hour)
    return not (after and end <= datetime.fromisoformat(after)) and not (upto and end > datetime.fromisoformat(upto))


def serve(reply: Any, hours: int, counted: bool = False) -> Any:
    """A sensor with so many hours; ``counted``: ``found`` is the number of all of them."""

    def answer(asked: Any) -> Any:
        size, page = int(asked.params["limit"]), int(asked.params["page"])
        after, upto = (asked.params.get(f"datetime_{end}") for end in ("from", "to"))
        rows = [row(hour) for hour in range(1, hours + 1) if within(hour, after, upto)]
        found = rows[size * (page - 1) : size * page]
        told = len(rows) if counted else f">{size}" if len(found) == size else len(found)
        return reply({"meta": meta(told if found else 0), "results": found})

    return answer
