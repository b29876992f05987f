from __future__ import annotations

import json
from datetime import date
from typing import Any

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts

OTHER = """
mart: {name}
title: {{zh: 其他, en: other}}
audience: {{zh: 分析人员, en: analysts}}
tables:
  best:
    title: {{zh: 最好, en: best}}
    grain: [station_code]
    columns: {{station_code: {{element: place.station_code}}}}
"""


def test_a_mart_that_fails_does_not_stop_the_others_and_the_ledger_tells_of_all(small_city: Any) -> None:
    small_city.readings(date(2026, 3, 1), {"a": 1.0})
    small_city.mart("after", OTHER.format(name="after"), {"best": "SELECT station_code FROM mart.air.summary"})
    small_city.mart("broken", OTHER.format(name="broken"), {"best": "SELECT nothing AS station_code"})
    context = RunContext(small_city.registry, small_city.lake, Ledger(small_city.lake), new_run())
    done = {each.mart: each for each in build_and_publish_marts(context, ["after", "air", "broken"])}
    assert {name: each.status for name, each in done.items()} == {
        "air": "published",
        "after": "published",
        "broken": "failed",
    }
    assert [problem.code for problem in done["broken"].problems] == ["MART_REFUSED"]
    assert done["after"].tables == {"best": 1}
    context.ledger.flush()
    stored = context.ledger.read("publications")
    assert dict(stored.select("mart", "status").rows()) == {name: each.status for name, each in done.items()}
    versions = stored.filter(mart="air")["versions"].item()
    assert json.loads(versions) == {"air.readings": 0, "place.stations": -1}
    assert context.ledger.read("checks").filter(subject="mart.air").height == 7
    published = context.ledger.last_publication("air")
    assert published is not None
    assert published.version == done["air"].version
