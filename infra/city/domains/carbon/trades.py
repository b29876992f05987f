"""Trades of allowances: a service that takes ``offset`` and ``limit``; nobody sells more than a third of his own."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.carbon.allowances import granted_t
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.uscc import spoil_check_digit
from citylake.infra.city.serve.city_data import CityData

TRADES_FILE = "api/carbon_trades.json"
_TRADES = 160
_FIRST = date(2025, 3, 3)


def generate_trades(city: City) -> PlantedBatch:
    """Trades of a year, in order of their days."""
    batch = PlantedBatch("carbon.trades", ("tradeNo", "seller"), city.random("carbon.trades"))
    granted = granted_t(city)
    left = {uscc: tonnes // 3 for uscc, tonnes in granted.items()}
    for number in range(_TRADES):
        seller, buyer = batch.rng.sample(sorted(granted), 2)
        tonnes = min(left[seller], batch.rng.randrange(50, 400))
        left[seller] -= tonnes
        if tonnes:
            batch.add("", _fields(number, seller, buyer, tonnes, batch.rng.uniform(62, 96)))
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 2, _wrong_check_digit)
    batch.plant("a trade with itself", "TRADE_WITH_ITSELF", 3, _with_itself)
    batch.plant("a negative volume", "VALUE_OUT_OF_RANGE", 2, replace_field("volume", "-20"))
    batch.plant("a price in words", "VALUE_UNREADABLE", 2, replace_field("price", "协商"))
    batch.contradict(2, replace_field("price", "1.00"))
    batch.repeat(3)
    return batch


def write_trades_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all records as one JSON list."""
    (folder / TRADES_FILE).write_text(json.dumps(batch.of(""), ensure_ascii=False, indent=0), encoding="utf-8")


def trade_routes(held: CityData) -> list[Route]:
    """``/carbon/trades?offset=N&limit=M``."""

    def trades(request: Request) -> JSONResponse:
        rows = held.records(TRADES_FILE)
        offset, limit = int(request.query_params.get("offset", 0)), int(request.query_params.get("limit", 50))
        return JSONResponse({"total": len(rows), "items": rows[offset : offset + limit]})

    return [Route("/carbon/trades", trades)]


def _fields(number: int, seller: str, buyer: str, tonnes: int, price: float) -> RecordFields:
    day = _FIRST + timedelta(days=number * 2)
    return {
        "tradeNo": f"LHE{number:06d}",
        "tradeDate": f"{day:%d-%m-%Y}",
        "seller": seller,
        "buyer": buyer,
        "volume": f"{tonnes:,}",
        "price": f"{price:.2f}",
    }


def _wrong_check_digit(fields: RecordFields, _: object) -> None:
    fields["buyer"] = spoil_check_digit(fields["buyer"] or "")


def _with_itself(fields: RecordFields, _: object) -> None:
    fields["buyer"] = fields["seller"]
