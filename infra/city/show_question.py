"""The end of ``make run``: the silo map before and after binding, and one question that no department answers alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from citylake.infra.city.generate import TRUTH_FILE
from citylake.infra.city.standing_city import DEMO_WORKSPACE
from citylake.infra.city.unbound_city import before_binding
from citylake.schemas.words.message_catalogue import translate_key

QUESTION_MART = "enterprise_check"
QUESTION = """\
SELECT organisation_name AS enterprise, overdue_months AS months, open_cases AS cases,
       list_filter(string_split(named_as, '、'), lambda name: name <> organisation_name)[1] AS also_named
FROM permit_overdue_cases ORDER BY cases DESC, months DESC, uscc LIMIT 8"""


def show_silo(lake: Path) -> None:
    """Print how far the departments' data meet, before and after they bound what they share."""
    from citylake.pipelines.cli.silo_command import print_silo_change
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.silo.silo_map import measure_silo
    from citylake.schemas.read.registry import load_registry

    registry, here = load_registry(DEMO_WORKSPACE), Lake(str(lake))
    before = measure_silo(before_binding(registry), here)
    print(f"\n{translate_key('city.silo_title')}\n")
    print_silo_change(measure_silo(registry, here), before)


def show_question(folder: Path, lake: Path) -> int:
    """Print the question, its SQL and its answer, and compare the answer with the truth; the exit code of the query."""
    from citylake.pipelines.cli import main

    print(f"\n{translate_key('city.question_title')}\n\n{QUESTION}\n")
    done = main(["--lake", str(lake), "query", QUESTION_MART, QUESTION])
    if done == 0:
        print(f"\n{translate_key('city.answer_checked', **_compared(folder, lake))}")
    return done


def _compared(folder: Path, lake: Path) -> dict[str, Any]:
    """The enterprises that the mart names, those of them that are true, and the true ones in all."""
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.read.mart_reader import query_mart

    _, rows = query_mart(Lake(str(lake)), QUESTION_MART, "SELECT uscc FROM permit_overdue_cases")
    named = {row[0] for row in rows}
    true = json.loads((folder / TRUTH_FILE).read_text("utf-8"))["question"].keys()
    return {"named": len(named), "right": len(named & true), "planted": len(true)}
