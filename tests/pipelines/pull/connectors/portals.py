"""The hotline's contract over another source, and the cases that the stand-in city's portals hand out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from citylake.infra.city.generate import hotline

DATASET = "government.hotline_cases"
TOLD = {
    "repeated_page": "PAGE_REPEATED",
    "renamed_column": "COLUMNS_MOVED",
    "shift:3+": "ROWS_SHIFTED",
    "error_200:3": "HTTP_FAILED_INSIDE",
    "login:3": "HTTP_NOT_JSON",
    "elsewhere:3": "HTTP_REDIRECTED",
    "404:3": "HTTP_REFUSED",
}
"""What a page that is wrong for good is told as."""
_DATASETS = Path(__file__).parents[4] / "workspaces/demo/datasets"


def declare(trial: Any, dataset: str = DATASET, /, **source: Any) -> None:
    """The built-in contract of ``dataset`` over ``source``."""
    place = dataset.replace(".", "/")
    contract = yaml.safe_load((_DATASETS / f"{place}.yaml").read_text("utf-8"))
    contract |= {"source": source, "expect": {}, "ignore": ["_id", ":id", ":updated_at", "bz"]}
    trial.declare(f"datasets/{place}", contract)


def held(folder: Path) -> list[dict[str, Any]]:
    """The cases in a stand-in city's ``folder``."""
    rows: list[dict[str, Any]] = json.loads((folder / hotline.HOTLINE_FILE).read_bytes())
    return rows


def change(folder: Path, edit: Callable[[list[dict[str, Any]]], Any]) -> None:
    """Change the cases on disk, as the department does between two pulls."""
    rows = held(folder)
    edit(rows)
    (folder / hotline.HOTLINE_FILE).write_text(json.dumps(rows, ensure_ascii=False), "utf-8")


def copied(folder: Path, target: Path) -> Path:
    """A city's folder of a test's own."""
    shutil.copytree(folder, target)
    return target


def another(number: int, **fields: str) -> dict[str, Any]:
    """A case that was accepted after all others."""
    return {
        "ajbh": f"LH20260226{number:06d}",
        "slsj": "2026-02-26 08:00:00",
        "bjsj": "",
        "ssqx": "",
        "sqlx": "咨询",
        "sqfl": "政务咨询",
        "ajzt": "办理中",
        "myd": "",
        **fields,
    }


def last(trial: Any) -> dict[str, Any]:
    """The latest receipt; ``code``: the issue that it tells."""
    receipt = dict(trial.receipts(DATASET)[-1])
    problems = json.loads(receipt["problems"])
    return {**receipt, "code": problems[0]["code"] if problems else None}
