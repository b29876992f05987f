"""Which enterprise each record truly names, and the answer to the question that no department can answer alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from citylake.infra.city.generate import complaints, permits
from citylake.infra.city.generate.plant_faults import CityRecord, PlantedBatch

_HOTLINE, _PERMITS, _INSURED = "government.hotline_cases", "environment.discharge_permits", "social.insured_units"
_NUMBERS = {_HOTLINE: "ajbh", _PERMITS: "permitNo", _INSURED: "ZZJGDM", "tax.taxpayers": "纳税人识别号"}


def enterprise_truth(batches: Mapping[str, PlantedBatch]) -> dict[str, Any]:
    """``enterprises`` and ``question``.

    ``enterprises``: by dataset and record number (the field in ``number``), the USCC of the enterprise that is truly
    named, and how its name is spelt (``exact``, ``abbreviated`` or ``misspelt``).
    ``question``: the open hotline cases by USCC of every enterprise that holds a permit in force and owes social
    insurance by its last good record. What citylake must refuse cannot answer.
    """
    return {"enterprises": {name: _named(batches[name], number) for name, number in _NUMBERS.items()}} | {
        "question": _answer(batches)
    }


def _named(batch: PlantedBatch, number: str) -> dict[str, Any]:
    records = {key: {"uscc": said.uscc, "spelling": said.spelling} for key, said in batch.who.items()}
    return {"number": number, "records": records}


def _answer(batches: Mapping[str, PlantedBatch]) -> dict[str, list[str]]:
    permitted = {uscc for uscc, record in _good(batches[_PERMITS], "permitNo") if permits.is_in_force(record.fields)}
    overdue = _overdue(batches[_INSURED])
    found: dict[str, list[str]] = {}
    for uscc, record in _good(batches[_HOTLINE], "ajbh"):
        if complaints.is_open(record) and uscc in permitted & overdue:
            found.setdefault(uscc, []).append(record.fields["ajbh"] or "")
    return dict(sorted(found.items()))


def _overdue(insured: PlantedBatch) -> set[str]:
    """Who is on the latest list and owes by its last good record: a refused one changes nothing."""
    latest = max(record.source for record in insured.records)
    listed = {record.fields["ZZJGDM"] for record in insured.records if record.source == latest}
    last = dict(sorted(_good(insured, "ZZJGDM"), key=lambda each: each[1].source))
    return {
        uscc for uscc, record in last.items()
        if record.fields["ZZJGDM"] in listed and int(record.fields["QFYS"] or 0) > 0
    }  # fmt: skip


def _good(batch: PlantedBatch, number: str) -> Iterator[tuple[str, CityRecord]]:
    """The records that must reach the standard table and name an enterprise, each with its true USCC."""
    for record in batch.records:
        said = batch.who.get(record.fields[number] or "")
        if record.good and said:
            yield said.uscc, record
