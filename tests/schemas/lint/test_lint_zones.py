"""Which declarations leave the zone of a day open."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.lint import lint_workspace

CONTRACT = "datasets/traffic/detector.yaml"


@pytest.mark.parametrize(
    ("timezone", "period", "zone", "found"),
    [
        ("Europe/Madrid", "1d", "", ["ZONE_MISSING"]),
        ("Europe/Madrid", "1d", "zone: UTC", []),
        ("Europe/Madrid", "1h", "", []),
        ("Asia/Shanghai", "1d", "", []),
        (None, "1d", "", []),
        (None, "1mo", "", ["ZONE_MISSING"]),
    ],
)
def test_days_that_instants_end_need_a_zone_of_the_contract_if_the_clocks_of_the_workspace_change(
    clean: Path, timezone: str | None, period: str, zone: str, found: list[str]
) -> None:
    contract = clean / CONTRACT
    text = contract.read_text("utf-8").replace('"%Y-%m-%d %H"', f'"%Y-%m-%dT%H:%M:%S%z"\n    period: {period}')
    contract.write_text(text.replace("zone: Asia/Shanghai", zone), "utf-8")
    with (clean / "workspace.yaml").open("a", encoding="utf-8") as settings:
        settings.write(f"\ntimezone: {timezone}\n" if timezone else "")
    assert [each.code for each in lint_workspace(clean)] == found


@pytest.mark.parametrize("zone", ["Etc/GMT-8", "Etc/GMT+5", "Etc/GMT", "UTC", "Asia/Shanghai"])
def test_a_fixed_offset_that_is_not_the_opposite_of_the_workspaces_is_as_it_is_written(clean: Path, zone: str) -> None:
    contract = clean / CONTRACT
    contract.write_text(contract.read_text("utf-8").replace("zone: Asia/Shanghai", f"zone: {zone}"), "utf-8")
    assert lint_workspace(clean) == []
