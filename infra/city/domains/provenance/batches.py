"""The register of batches: a paged API with pinyin keys; each row has its own unit of weight."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance.food_chain import FoodBatch, food_chain
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.uscc import spoil_check_digit
from citylake.infra.city.serve.city_data import CityData

BATCHES_FILE = "api/food_batches.json"
KG_OF_UNIT = {"公斤": 1.0, "吨": 1000.0, "斤": 0.5}
"""Unit of a row → kg."""
_KINDS = {"1": "捕捞", "2": "养殖", "3": "种植", "4": "加工"}
_PRODUCTS = {
    "11": "大黄鱼", "12": "带鱼", "13": "对虾", "14": "梭子蟹", "19": "海鲜拼盘",
    "21": "青菜", "22": "西红柿", "23": "草莓", "24": "黄瓜", "29": "净菜",
}  # fmt: skip
_MOST_ROWS = 200


def generate_batches(city: City) -> PlantedBatch:
    """Every registered batch."""
    batch = PlantedBatch("provenance.batches", ("pch", "scrq"), city.random("food batches"))
    for made in food_chain(city).batches:
        batch.add("", _fields(batch, made))
    batch.plant("a product that is not traced", "CODE_UNKNOWN", 3, replace_field("cpmc", "卤味", "其他"))
    batch.plant("a wrong check digit of the maker", "CHECK_DIGIT_WRONG", 3, _wrong_maker)
    batch.plant("a weight in words", "VALUE_UNREADABLE", 2, replace_field("sl", "若干"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 2, replace_field("scrq", "2026-02-30 08:00"))
    batch.plant("no number", "REQUIRED_MISSING", 2, replace_field("pch", None))
    batch.contradict(3, replace_field("sl", "777"))
    batch.repeat(4)
    return batch


def write_batches(batch: PlantedBatch, folder: Path) -> None:
    """Write all records as one JSON list; the service splits it into pages."""
    (folder / BATCHES_FILE).write_text(json.dumps(batch.of(""), ensure_ascii=False, indent=0), encoding="utf-8")


def batch_routes(held: CityData) -> list[Route]:
    """``/provenance/batches?pageNo=N&pageSize=M``: ``{flag, total, list}``."""

    def batches(request: Request) -> JSONResponse:
        page, size = (int(request.query_params.get(name, 1)) for name in ("pageNo", "pageSize"))
        size = min(size, _MOST_ROWS)
        rows = held.records(BATCHES_FILE)
        return JSONResponse({"flag": "ok", "total": len(rows), "list": rows[(page - 1) * size : page * size]})

    return [Route("/provenance/batches", batches)]


def _fields(batch: PlantedBatch, made: FoodBatch) -> RecordFields:
    unit = batch.rng.choice(tuple(KG_OF_UNIT))
    return {
        "pch": made.code,
        "cpmc": _PRODUCTS[made.product],
        "lb": _KINDS[made.kind],
        "tyshxydm": made.maker.uscc,
        "scrq": f"{made.made_at:%Y-%m-%d %H:%M}",
        "sl": f"{made.kg / KG_OF_UNIT[unit]:.6f}".rstrip("0").rstrip("."),
        "dw": unit,
    }


def _wrong_maker(fields: RecordFields, _: object) -> None:
    fields["tyshxydm"] = spoil_check_digit(fields["tyshxydm"] or "")
