"""On how many objects two offices disagree, by the records that reach the standard tables."""

from __future__ import annotations

from collections.abc import Mapping

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.services.in_force import in_force
from citylake.infra.city.generate.plant_faults import PlantedBatch

_LISTED = {"有效": "1", "注销": "2", "吊销": "3", "过期": "5"}
_COPIED = {"在用": "1", "停用": "2", "停用（吊销）": "3", "到期": "5"}
_DISTRICTS = {name: place.code for place in DISTRICTS for name in (place.name, place.short)} | {"经开区": "990106"}
_HALF_WIDTH = {ord("０") + n: ord("0") + n for n in range(10)}


def disagreements(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Enterprises, certificates and persons of which the two offices of a pair say different things."""
    register = _said(_current(batches["government.enterprise_registry"], "统一社会信用代码"), "所属区", _DISTRICTS)
    insured = _said(_current(batches["social.insured_units"], "ZZJGDM"), "XZQH", {})
    taxed = _said(_current(batches["tax.taxpayers"], "纳税人识别号"), "主管区", _DISTRICTS)
    listed = _said(_good(batches["government.certificates"], "certNo"), "state", _LISTED)
    copied = _said(_good(batches["commerce.licence_copies"], "证照号"), "使用状态", _COPIED)
    users = _said(_good(batches["government.portal_users"], "证件号"), "户籍区", _DISTRICTS)
    holders = _said(_good(batches["social.card_holders"], "ZJHM"), "XZQH", {})
    by_code = {uscc[8:17]: place for uscc, place in register.items()}
    pairs = ((by_code, insured), (register, taxed), (listed, copied), (users, holders))
    return sum(first[key] != second[key] for first, second in pairs for key in first.keys() & second.keys())


def _current(batch: PlantedBatch, key: str) -> Mapping[str, Mapping[str, str | None]]:
    return list(in_force(batch, key).values())[-1]


def _good(batch: PlantedBatch, key: str) -> Mapping[str, Mapping[str, str | None]]:
    good = (record.fields for record in batch.records if record.good)
    return {(fields[key] or "").translate(_HALF_WIDTH).upper(): fields for fields in good}


def _said(records: Mapping[str, Mapping[str, str | None]], field: str, codes: Mapping[str, str]) -> dict[str, str]:
    return {key: codes.get(fields[field] or "", fields[field] or "") for key, fields in records.items()}
