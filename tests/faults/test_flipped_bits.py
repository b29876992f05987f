"""Any damage of any file of a lake is found by name, and a lake that nothing has damaged has no finding."""

from __future__ import annotations

import pytest

from tests.faults.flipped_bits import (
    count_bit_flips_found,
    findings_of,
    flip_bit,
    remove,
    truncate,
    zero_block,
)
from tests.pipelines.cli.conftest import City, KeptCity, kept_city
from tests.pipelines.conftest import kept
from tests.thorough import examples

__all__ = ["kept", "kept_city"]
DAMAGES = (flip_bit, truncate, remove, zero_block)
ZONES = {"landing", "raw", "standard", "quarantine", "curated", "marts", "ledger"}
ROUNDS = examples(2, 2 * len(DAMAGES)) * len(ZONES)


def deliver(city: City) -> None:
    """Three batches with duplicates, quarantined rows and a mart, then an upkeep, a replay and another batch."""
    for number in range(3):
        rows = f"2026-03-0{number + 1} 08:00,JT000000000{number},{number + 1}0\n" * 2
        city.drop(f"part{number}.csv", "时间,设备,流量\n" + rows + "2026-03-02 09:00,JT0000000002,xx\n")
        assert city.call("run")[0] == 0
    assert city.call("upkeep")[0] == 0
    assert city.call("replay", "traffic.counts", "--since", "2000-01-01")[0] == 0
    city.drop("last.csv", "时间,设备,流量\n2026-03-09 08:00,JT0000000001,5\n")
    assert city.call("run")[0] == 0


@pytest.fixture
def city(kept_city: KeptCity) -> City:
    return kept_city(deliver)


def test_a_lake_has_no_findings_until_a_file_is_damaged_and_then_that_one(city: City) -> None:
    lake = city.root / "lake"
    assert findings_of(lake) == []
    found, missed, zones = count_bit_flips_found(lake, ROUNDS, 20260301, DAMAGES)
    assert (found, missed) == (ROUNDS, [])
    assert set(zones) == ZONES
    assert findings_of(lake) == []


@pytest.mark.parametrize("then", [("upkeep",), ("replay", "traffic.counts", "--since", "2000-01-01"), ("run",)])
def test_an_undamaged_lake_has_no_findings_whatever_is_run(city: City, then: tuple[str, ...]) -> None:
    assert city.call(*then)[0] == 0
    assert findings_of(city.root / "lake") == []
