"""The main job on the demonstration city, and suggestions for what to do next."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from citylake.infra.city.city_environment import environment_of
from citylake.infra.city.show_question import show_question, show_silo
from citylake.infra.city.standing_city import DEMO_WORKSPACE, standing_city
from citylake.schemas.words.message_catalogue import translate_key

SAMPLE_QUERY = """\
SELECT day,
       round(avg(precipitation_24h_mm), 1) AS rain_mm,
       round(avg(pm25_24h_ugm3))           AS pm25,
       max(aqi)                            AS aqi,
       sum(flow_veh)                       AS flow,
       round(sum(flow_veh * mean_speed_kmh)
           / sum(flow_veh) FILTER (WHERE mean_speed_kmh IS NOT NULL), 1) AS km_h,
       sum(cases)                          AS cases,
       sum(drainage_cases)                 AS floods,
       sum(enterprises)                    AS firms
FROM region_day GROUP BY day ORDER BY day LIMIT 8"""


def show_city(folder: Path, lake: Path) -> int:
    """Run every dataset and mart of the city into ``lake``, and print what came of it; 0 if all went well."""
    from citylake.pipelines.cli import main

    with standing_city(folder) as variables, environment_of(variables):
        done = main(["--workspace", str(DEMO_WORKSPACE), "--lake", str(lake), "run"])
    if done == 0:
        print(f"\n{translate_key('city.query_title')}\n\n{SAMPLE_QUERY}\n")
        done = main(["--lake", str(lake), "query", "city_day", SAMPLE_QUERY])
    if done == 0:
        show_silo(lake)
        done = show_question(folder, lake)
        print(f"\n{translate_key('city.next', **_next_values(folder, lake))}")
    return done


def _next_values(folder: Path, lake: Path) -> dict[str, Any]:
    workspace = DEMO_WORKSPACE.relative_to(Path.cwd()) if DEMO_WORKSPACE.is_relative_to(Path.cwd()) else DEMO_WORKSPACE
    return {"lake": lake, "folder": folder, "command": _command(), "workspace": workspace}


def _command() -> str:
    """How to call citylake from here: the shell of ``make run`` has no activated virtual environment."""
    script = Path(sys.executable).with_name("citylake")
    if not script.exists():
        return "citylake"
    return os.path.relpath(script) if script.is_relative_to(Path.cwd()) else str(script)
