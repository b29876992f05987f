"""A zone that the IANA database does not have leads to the one that is meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.schemas.lint.lint_contracts import is_iana_zone
from citylake.schemas.lint.nearest_zones import _declared_zones, nearest_zones

MOMENT = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("UTC+8", "utc+08:00", "GMT+8", "+08:00", "+0800", "Etc/UTC+8", "东八区", "东8区", "Asia/Beijing", "Beijing"),
        *("北京时间", "China Standard Time", "Asia/Shanghia", "asia/shanghai", "UTC＋8", "上海"),
    ],
)
def test_the_zone_of_beijing_is_found(text: str) -> None:
    found = nearest_zones(text)
    assert found[0] == "Asia/Shanghai"
    assert "Etc/GMT+8" not in found


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        ("UTC+8", ["Asia/Shanghai", "Etc/GMT-8"]),
        ("UTC-5", ["America/Bogota", "Etc/GMT+5"]),
        ("+05:30", ["Asia/Kolkata"]),
        ("UTC-12", ["Etc/GMT+12"]),
        ("UTC+20", []),
        ("西五区", ["America/Bogota", "Etc/GMT+5"]),
        ("Eastern Standard Time", ["America/New_York"]),
        ("W. Europe Standard Time", ["Europe/Berlin"]),
        ("CST", ["Asia/Shanghai", "America/Chicago"]),
        ("qqqqq", []),
    ],
)
def test_offsets_and_names_of_other_systems_are_known(text: str, zones: list[str]) -> None:
    assert nearest_zones(text) == zones


@given(st.integers(-12, 14), st.sampled_from(["UTC{:+d}", "GMT{:+03d}:00", "{:+03d}00"]))
def test_every_zone_proposed_for_an_offset_has_it(hours: int, form: str) -> None:
    for name in nearest_zones(form.format(hours)):
        assert MOMENT.astimezone(ZoneInfo(name)).utcoffset() == timedelta(hours=hours)


def test_every_declared_zone_exists() -> None:
    declared = _declared_zones()
    zones = [*declared["names"], *(zone for each in declared["several"].values() for zone in each)]
    assert all(map(is_iana_zone, [*zones, *declared["offsets"].values()]))
