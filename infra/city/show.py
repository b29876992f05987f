"""The main job on the stand-in city, and what a stranger may do next."""

from __future__ import annotations

import os
from pathlib import Path

from infra.city.demo import standing_city
from schemas.catalogue import word

QUERY = """\
SELECT day,
       round(avg(precipitation_24h_mm), 1) AS rain_mm,
       round(avg(pm25_24h_ugm3))           AS pm25_ugm3,
       round(avg(no2_24h_ugm3))            AS no2_ugm3,
       max(aqi)                            AS worst_aqi,
       sum(flow_veh)                       AS flow_veh,
       round(avg(mean_speed_kmh), 1)       AS speed_kmh,
       sum(cases)                          AS cases,
       sum(drainage_cases)                 AS drainage_cases,
       sum(enterprises)                    AS enterprises
FROM region_day GROUP BY day ORDER BY day LIMIT 8"""


def show(folder: Path, lake: Path) -> int:
    """Run every dataset and mart of the city into ``lake``; the exit code of ``citylake run``."""
    from pipelines.cli import main

    with standing_city(folder) as variables:
        os.environ.update(variables)
        done = main(["--lake", str(lake), "run"])
    if done == 0:
        print(f"\n{word('city.query_title')}\n\n{QUERY}\n")
        main(["--lake", str(lake), "query", "city_day", QUERY])
        print(f"\n{word('city.next', lake=lake, folder=folder)}")
    return done
