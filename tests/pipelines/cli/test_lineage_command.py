"""``citylake lineage``: one column, up to its sources and down to the marts."""

from __future__ import annotations

from typing import Any


def test_a_marts_column_is_followed_to_the_sources_field(city: Any) -> None:
    code, told = city.json("lineage", "traffic.day.flow_veh")
    assert (code, told["downstream"]) == (0, [])
    (standard,) = told["upstream"]
    assert (standard["column"], standard["ways"]) == ("traffic.counts.flow_veh", ["AGGREGATION"])
    (field,) = standard["upstream"]
    place = {"namespace": "file", "name": str(city.files)}
    assert field == {"field": "流量", "ways": ["IDENTITY"], "sources": [place]}


def test_a_datasets_column_is_followed_to_the_marts_that_change_with_it(city: Any) -> None:
    code, told = city.json("lineage", "traffic.counts._day")
    assert (code, told["downstream"]) == (0, ["traffic.day", "traffic.day.day"])
    (field,) = told["upstream"]
    assert field["note"]["en"] == "format %Y-%m-%d %H:%M, zone Asia/Shanghai; partition by hour_start"


def test_it_is_shown_in_the_readers_language(city: Any, monkeypatch: Any) -> None:
    assert "aggregated" in city.call("lineage", "traffic.day.flow_veh")[1]
    monkeypatch.setenv("CITYLAKE_LANG", "zh")
    code, out, _ = city.call("lineage", "traffic.day.flow_veh")
    assert code == 0
    assert "汇总" in out
    assert "流量" in out


def test_a_column_that_is_not_there_is_told_with_those_near_it(city: Any) -> None:
    code, _, err = city.call("lineage", "traffic.counts.flow")
    assert code == 1
    assert "traffic.counts.flow_veh" in err
