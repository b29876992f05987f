"""Service requests, licences and permits of Chicago, with faults that are typical of such registers."""

from __future__ import annotations

from random import Random
from typing import Any

REQUEST_COLUMNS = (
    "sr_number", "sr_type", "sr_short_code", "created_department", "owner_department", "status", "origin",
    "created_date", "last_modified_date", "closed_date", "street_address", "city", "state", "zip_code", "duplicate",
    "legacy_record", "parent_sr_number", "community_area", "ward", "latitude", "longitude",
)  # fmt: skip
LICENCE_COLUMNS = (
    "id", "license_id", "account_number", "site_number", "legal_name", "doing_business_as_name", "address", "city",
    "state", "zip_code", "ward", "precinct", "ward_precinct", "police_district", "community_area",
    "community_area_name", "neighborhood", "license_code", "license_description", "business_activity_id",
    "business_activity", "license_number", "application_type", "application_created_date",
    "application_requirements_complete", "payment_date", "conditional_approval", "license_start_date",
    "expiration_date", "license_approved_for_issuance", "date_issued", "license_status", "license_status_change_date",
    "ssa", "latitude", "longitude", "location", ":@computed_region_vrxf_vc4k", ":@computed_region_6mkv_f3dw",
)  # fmt: skip
PERMIT_COLUMNS = (
    "id", "permit_", "permit_status", "permit_milestone", "permit_type", "review_type", "application_start_date",
    "issue_date", "processing_time", "street_number", "street_direction", "street_name", "work_type",
    "work_description", "total_fee", "reported_cost", "community_area", "ward", "latitude", "longitude",
)  # fmt: skip

_KINDS = (
    ("Pothole in Street Complaint", "PHF", "CDOT - Department of Transportation"),
    ("Graffiti Removal Request", "GRAF", "Streets and Sanitation"),
    ("Water On Street Complaint", "AAE", "DWM - Department of Water Management"),
    ("311 INFORMATION ONLY CALL", "311IOC", "311 City Services"),
)


def service_requests() -> list[dict[str, Any]]:
    """40 requests. One was closed before it was created, one is in a community area that does not exist."""
    rng = Random("requests")
    rows = [_request(number, rng) for number in range(40)]
    rows[8] |= {"closed_date": "2026-10-01T00:00:00.000", "status": "Completed"}
    rows[9]["community_area"] = 99
    return rows


def _request(number: int, rng: Random) -> dict[str, Any]:
    kind, code, department = _KINDS[number % 4]
    asked_only = code == "311IOC"
    day, hour = (31, 1)[number // 20], number % 20
    made = f"2026-{'10' if day == 31 else '11'}-{day:02d}T{hour:02d}:15:30.000"
    status = "Completed" if asked_only else ("Open", "Completed", "Canceled")[number % 3]
    return {
        "sr_number": f"SR26-{2_000_000 + number}",
        "sr_type": kind,
        "sr_short_code": code,
        "created_department": None,
        "owner_department": department,
        "status": status,
        "origin": rng.choice(("Phone Call", "Internet", "Mobile Device")),
        "created_date": made,
        "last_modified_date": "2026-11-02T08:00:00.000",
        "closed_date": None if status == "Open" else "2026-11-02T08:00:00.000",
        "street_address": None if asked_only else f"{100 + number} W MADISON ST",
        "duplicate": "false",
        "legacy_record": "false",
        "community_area": None if asked_only else 1 + number % 7,
        "latitude": None if asked_only else f"{41.8 + number / 1000:.9f}",
        "longitude": None if asked_only else f"{-87.6 - number / 1000:.9f}",
    }


def business_licences() -> list[dict[str, Any]]:
    """20 licences; one has an undocumented status, some have no location."""
    rows = [_licence(number) for number in range(20)]
    rows[4]["license_status"] = "INQ"
    return rows


def _licence(number: int) -> dict[str, Any]:
    placed = number % 5 != 0
    ends = number % 4 == 1
    return {
        "id": f"{2_600_000 + number}-20261101",
        "license_id": 2_600_000 + number,
        "account_number": 400_000 + number,
        "site_number": 1,
        "legal_name": f"EXAMPLE BAKERY {number} INC.",
        "doing_business_as_name": f"EXAMPLE BAKERY {number}",
        "address": f"{100 + number} N STATE ST 1ST",
        "city": "CHICAGO",
        "state": "IL",
        "zip_code": "60602",
        "community_area": 32 if placed else None,
        "community_area_name": "LOOP" if placed else None,
        "license_code": 1006,
        "license_description": "Retail Food Establishment",
        "license_number": 2_500_000 + number // 2,
        "application_type": "RENEW",
        "payment_date": "2026-10-20T00:00:00.000",
        "conditional_approval": "N",
        "license_start_date": "2026-11-16T00:00:00.000",
        "expiration_date": "2028-11-15T00:00:00.000",
        "date_issued": "2026-11-01T00:00:00.000",
        "license_status": ("AAI", "AAC", "REV", "REA")[number % 4] if ends else "AAI",
        "license_status_change_date": "2026-11-02T00:00:00.000" if ends else None,
        "latitude": f"{41.88 + number / 1000:.9f}" if placed else None,
        "longitude": "-87.627900000" if placed else None,
        ":@computed_region_vrxf_vc4k": 38 if placed else None,
        ":@computed_region_6mkv_f3dw": 14310 if placed else None,
    }


def building_permits() -> list[dict[str, Any]]:
    """15 permits; one has no number."""
    rows = [_permit(number) for number in range(15)]
    rows[2]["permit_"] = None
    return rows


def _permit(number: int) -> dict[str, Any]:
    return {
        "id": 3_300_000 + number,
        "permit_": f"{101_000_000 + number}",
        "permit_status": "ACTIVE",
        "permit_type": "PERMIT - EASY PERMIT PROCESS",
        "application_start_date": "2026-10-30T00:00:00.000",
        "issue_date": "2026-11-01T00:00:00.000",
        "processing_time": 2,
        "street_number": 1000 + number,
        "street_direction": "W",
        "street_name": "BELMONT AVE",
        "work_type": "Reroof",
        "work_description": "TEAR OFF AND REROOF",
        "total_fee": "302.00",
        "reported_cost": "12000",
        "community_area": 6,
        "latitude": f"{41.93 + number / 10000:.9f}",
        "longitude": "-87.650000000",
    }
