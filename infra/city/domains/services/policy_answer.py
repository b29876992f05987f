"""Which enterprises meet which policy, computed from the departments' records by the names that they truly have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.services.in_force import in_force
from citylake.infra.city.domains.services.work_days import work_calendar
from citylake.infra.city.generate import complaints, permits
from citylake.infra.city.generate.plant_faults import CityRecord, PlantedBatch, RecordFields

Facts = dict[str, float | str]
_CODES = {district.name: district.code for district in DISTRICTS}
_LONG_OPEN = 5


def unpaid_benefits(city: City, batches: Mapping[str, PlantedBatch]) -> int:
    """How many times an enterprise is eligible by a policy in force and has no payment that reached it."""
    today = max(city.dates)
    paid = {
        (record.fields["SKDM"], record.fields["ZCBH"])
        for record in batches["government.policy_payments"].records
        if record.good and record.fields["ZT"] == "已付"
    }
    policies = _policies(batches["government.policies"], today)
    return sum(
        (uscc, code) not in paid and all(_is_met(condition, facts) for condition in conditions)
        for uscc, facts in _facts(today, batches).items()
        for code, conditions in policies.items()
    )


def _policies(batch: PlantedBatch, today: date) -> dict[str, list[RecordFields]]:
    """The conditions of each policy in force, if all of them are good."""
    found: dict[str, list[RecordFields]] = {}
    for record in batch.records:
        if record.good and _is_current(record.fields, today):
            found.setdefault(record.fields["政策编号"] or "", []).append(record.fields)
    return {code: rows for code, rows in found.items() if len(rows) == int(rows[0]["条件总数"] or 0)}


def _is_current(policy: RecordFields, today: date) -> bool:
    return (policy["施行日期"] or "") <= today.isoformat() <= (policy["废止日期"] or "9999")


def _is_met(condition: RecordFields, facts: Facts) -> bool:
    fact = facts.get(condition["条件项"] or "")
    if fact is None:
        return False
    if condition["比较方式"] == "属于":
        return fact in (condition["适用范围"] or "").split("、")
    threshold = float(condition["数值门槛"] or 0)
    return float(fact) >= threshold if condition["比较方式"] == "不少于" else float(fact) <= threshold


def _facts(today: date, batches: Mapping[str, PlantedBatch]) -> dict[str, Facts]:
    """By USCC of every enterprise in operation, what the departments say of it."""
    register = _last(batches["government.enterprise_registry"], "统一社会信用代码")
    insured = _last(batches["social.insured_units"], "ZZJGDM")
    taxed = _last(batches["tax.taxpayers"], "纳税人识别号")
    permitted = {
        record.fields["creditCode"]
        for record in batches["environment.discharge_permits"].records
        if record.good and permits.is_in_force(record.fields) and _expiry(record) >= today
    }
    complained = set(_complained(batches["government.hotline_cases"], today))
    found: dict[str, Facts] = {}
    for uscc, fields in register.items():
        if fields["经营状态"] == "存续":
            facts: Facts = {"行业门类": fields["行业门类"] or "", "所属区": _CODES[fields["所属区"] or ""]}
            facts |= {"超期未办结工单数": float(uscc in complained), "有效排污许可证数": float(uscc in permitted)}
            found[uscc] = facts | _insured(insured.get(uscc[8:17])) | _taxed(taxed.get(uscc))
    return found


def _last(batch: PlantedBatch, key: str) -> dict[str, RecordFields]:
    return list(in_force(batch, key).values())[-1]


def _insured(fields: RecordFields | None) -> Facts:
    return {"参保人数": float(fields["CBRS"] or 0), "社保欠费月数": float(fields["QFYS"] or 0)} if fields else {}


def _taxed(fields: RecordFields | None) -> Facts:
    if not fields:
        return {}
    owed = float((fields["欠缴金额(万元)"] or "0").replace(",", ""))
    return {"欠缴税额": owed * 10_000, "纳税信用级别": (fields["信用级别"] or "")[0]}


def _expiry(record: CityRecord) -> date:
    return datetime.strptime(record.fields["expiresOn"] or "", "%d/%m/%Y").date()  # noqa: DTZ007


def _complained(batch: PlantedBatch, today: date) -> list[str]:
    """Who has a case that is open for more than five working days."""
    found = []
    for record in batch.records:
        said = batch.who.get(record.fields["ajbh"] or "")
        if said and record.good and complaints.is_open(record):
            accepted = date.fromisoformat((record.fields["slsj"] or "")[:10])
            if work_calendar().add_workdays(accepted, _LONG_OPEN + 1) <= today:
                found.append(said.uscc)
    return found
