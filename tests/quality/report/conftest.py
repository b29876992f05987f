from __future__ import annotations

from typing import Any

import pytest


def dataset(**more: Any) -> dict[str, Any]:
    return {
        "dataset": "traffic.detector_flow",
        "title": {"zh": "交通检测器流量", "en": "traffic detector flow"},
        "department": "市交通运输局",
        "status": "committed",
        "batch": "b-17",
        "receipts": [
            {
                "id": "r-1",
                "source": "detector/2026-03-01.csv",
                "status": "received",
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "size_bytes": 1_234_567,
                "declared_count": None,
                "stored_count": 1_000_000,
                "problem": None,
            }
        ],
        "rows_in": 1_000_000,
        "rows_standard": 999_950,
        "rows_quarantined": 47,
        "rows_duplicate": 3,
        "rows_superseded": 0,
        "issues": [
            {
                "code": "OUT_OF_RANGE",
                "severity": "error",
                "responsible": "supplier",
                "rows": 40,
                "text": {"zh": "数值超出 0 到 200 的范围", "en": "the value is outside 0 to 200"},
            },
            {
                "code": "FLOW_WITHOUT_SPEED",
                "severity": "warning",
                "responsible": "supplier",
                "rows": 512,
                "text": {"zh": "有流量但没有速度", "en": "flow without speed"},
            },
        ],
        "checks": [
            {
                "name": "rows.min",
                "passed": True,
                "severity": "error",
                "observed": "999,950",
                "expected": "≥ 1,000",
            }
        ],
        "days": ["2026-03-01", "2026-03-02"],
        "problems": [],
        "seconds": {"pull": 0.2, "parse": 1.1, "conform": 3.4},
    } | more


@pytest.fixture
def document() -> dict[str, Any]:
    too_few = {"zh": "本批合格数据只有 12 行。请核对是否漏报。", "en": "12 standard rows came. Ask the department."}
    held = dataset(
        dataset="service.hotline_cases",
        title={"zh": "政务热线工单", "en": "hotline cases"},
        department="市政务服务局",
        status="held",
        rows_in=15,
        rows_standard=12,
        rows_quarantined=3,
        rows_duplicate=0,
        issues=[
            {
                "code": "UNKNOWN_CODE",
                "severity": "error",
                "responsible": "lake",
                "rows": 3,
                "text": {"zh": "代码不在代码集中", "en": "the code is not in its list"},
            }
        ],
        checks=[{"name": "rows.min", "passed": False, "severity": "error", "observed": "12", "expected": "≥ 100"}],
        problems=[{"code": "ROWS_TOO_FEW", "text": too_few}],
    )
    return {
        "run": {
            "id": "20260302T013000-7f3a",
            "started_at": "2026-03-02T01:30:00+08:00",
            "finished_at": "2026-03-02T01:30:42+08:00",
            "seconds": 42.3,
            "workspace": "city",
            "lake": "lake",
            "exit_code": 2,
        },
        "datasets": [dataset(), held],
        "marts": [
            {
                "mart": "city_day",
                "title": {"zh": "城市日报", "en": "city day"},
                "status": "published",
                "version": "20260302T013040",
                "path": "lake/marts/city_day/city_day-20260302T013040.duckdb",
                "tables": {"region_day": 424},
                "days": {"region_day": ["2026-03-01"]},
                "checks": [{"name": "grain", "passed": True, "severity": "error", "observed": "0", "expected": "0"}],
                "problems": [],
                "seconds": 1.5,
            }
        ],
        "report": "lake/reports/20260302T013000-7f3a.html",
    }
