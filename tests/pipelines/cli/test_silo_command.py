"""``citylake join`` and ``citylake silo``: figures, JSON, the record of the figures, and the gate."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.pipelines.cli.conftest import CONTRACT, City, KeptCity

SIGNALS = (
    CONTRACT.replace("traffic.counts", "police.signals")
    .replace("市交通运输局", "市公安局")
    .replace("${COUNTS}/*.csv", "${COUNTS}/*.txt")
)


@pytest.fixture
def two(kept_city: KeptCity) -> City:
    """Two departments that count at two devices, one of which both have."""

    def begin(city: City) -> None:
        (city.root / "workspace/datasets/traffic/signals.yaml").write_text(SIGNALS, "utf-8")
        rows = ("时间,设备,流量", "2026-03-01 08:00,JT0000000001,5", "2026-03-01 08:00,JT0000000002,7")
        city.drop("b.txt", "\n".join(rows) + "\n")
        assert city.call("run", "--dataset", "traffic.counts", "--dataset", "police.signals")[0] == 0

    return kept_city(begin)


def test_a_join_says_what_is_lost_and_gives_its_sql(two: City) -> None:
    code, told = two.json("join", "police.signals", "traffic.counts")
    assert (code, told["grade"]) == (0, "C")
    best = told["paths"][0]
    assert sorted(best["columns"]) == [["device_code", "device_code"], ["hour_start", "hour_start"]]
    assert (best["left"]["rows_met"], best["left"]["rows"], best["right"]["rows_met"]) == (1, 2, 1)
    code, out, _ = two.call("join", "police.signals", "traffic.counts")
    assert code == 0
    assert "1 of the 2 rows of police.signals" in out
    assert "LEFT JOIN" in out
    assert "JT0000000002" in out


def test_the_gate_names_what_has_fallen_and_a_record_is_needed_first(two: City) -> None:
    code, _, err = two.call("silo", "--gate")
    assert code != 0
    assert "citylake silo --record" in err
    assert two.call("silo", "--record")[0] == 0
    code, out, _ = two.call("silo", "--gate")
    assert (code, "No figure has fallen" in out) == (0, True)
    recorded = two.json("ledger", "SELECT value FROM silo_figures WHERE figure = 'key_values_met'")[1]["rows"]
    assert [row["value"] for row in recorded] == [two.json("silo")[1]["figures"]["key_values_met"]]
    shutil.rmtree(Path(two.root) / "lake/standard/police.signals")
    code, told = two.json("silo", "--gate")
    fallen = {(each["figure"], each["subject"]): (each["before"], each["now"]) for each in told["fallen"]}
    assert code == 2
    assert fallen["pair_key_values_met", "市交通运输局 × 市公安局"] == (1, 0)
    assert ("department_pairs_met", "") in fallen


def test_a_field_that_nothing_binds_is_judged_by_its_values(two: City) -> None:
    pumps = SIGNALS.replace("police.signals", "water.pumps").replace("市公安局", "市水务局").replace("*.txt", "*.dat")
    bound = "  设备: {element: traffic.device_code}\n"
    pumps = pumps.replace(bound, "").replace("rules:", "ignore: [设备编码]\nrules:")
    pumps = pumps.replace("key: [device_code, hour_start]", "key: [hour_start]")
    (two.root / "workspace/datasets/traffic/pumps.yaml").write_text(pumps, "utf-8")
    rows = ("时间,设备编码,流量", "2026-03-01 08:00,JT0000000002,5", "2026-03-01 09:00,JT0000000001,5")
    two.drop("c.dat", "\n".join(rows) + "\n")
    assert two.call("run", "--dataset", "water.pumps")[0] == 0
    act = two.json("silo")[1]["acts"][0]
    assert (act["kind"], act["subject"], act["element"], act["values"]) == (
        "bind",
        "设备编码",
        "traffic.device_code",
        2,
    )
    assert act["sampled"] is True


def test_fewer_shared_elements_than_demanded_are_a_failure(two: City) -> None:
    assert two.call("silo", "--min-shared", "3")[0] == 0
    code, out, _ = two.call("silo", "--min-shared", "4")
    assert (code, "Only 3 elements" in out) == (2, True)
