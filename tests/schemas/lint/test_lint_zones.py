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
