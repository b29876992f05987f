"""A query whose means or sums do not mean what they look like runs, with a warning on standard error."""

from __future__ import annotations

from typing import Any

MEANS = "SELECT avg(f) AS f FROM (SELECT date_trunc('week', day) AS week, avg(flow_veh) AS f FROM day GROUP BY 1)"


def test_a_query_is_warned_and_answered(city: Any) -> None:
    city.json("run")
    code, out, err = city.call("query", "traffic", MEANS, "--csv")
    assert (code, out.splitlines()[0]) == (0, "f")
    assert err.count("MEAN_OF_MEANS") == 1
    code, _, err = city.call("query", "traffic", "SELECT sum(flow_veh) AS f FROM day", "--csv")
    assert (code, err) == (0, "")
