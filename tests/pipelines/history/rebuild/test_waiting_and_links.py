"""Days that waited for a department stay out, rows of before stand for them, and entities keep the ids they had."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from citylake.pipelines.entities.decide_links import LinkDecision, decide_link
from citylake.pipelines.entities.read_links import find_link
from citylake.pipelines.flow.conductor import ingest_dataset
from citylake.pipelines.flow.linked_marts import publish_linked_marts
from citylake.pipelines.history.rebuild.rebuild_mart import rebuild_mart
from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from tests.held_trial import context_of
from tests.pipelines.entities.conftest import CODES, COMMON, CONTRACT, DATASETS, ENTITY
from tests.pipelines.entities.test_marts_of_links import MART as FIRMS
from tests.pipelines.entities.test_marts_of_links import SQL as FIRM
from tests.random_history import table_rows
from tests.small_workspace import FILES
from tests.trial import Trial

BOTH = """
mart: both
title: {zh: 两者, en: both}
audience: {zh: 分析人员, en: analysts}
wait: 36h
tables:
  by_day:
    title: {zh: 按日, en: by day}
    grain: [day]
    day: day
    columns:
      day: {element: time.day}
      readings: {text: {zh: 读数, en: readings}}
      rain: {text: {zh: 雨, en: rain}}
"""
BOTH_SQL = """
SELECT _day AS day, sum(air) AS readings, sum(rain) AS rain FROM (
    SELECT _day, pm25_ugm3 AS air, 0 AS rain FROM air.readings
    UNION ALL SELECT _day, 0, pm25_ugm3 FROM weather.rain)
GROUP BY 1
"""


def patient_city(root: Path) -> Trial:
    trial = Trial(root)
    trial.declare("workspace", "packs: []\n")
    trial.declare("elements/air", FILES["elements/air.yaml"])
    for name in ("air.readings", "weather.rain"):
        text = FILES["datasets/air/readings.yaml"].replace("air.readings", name)
        trial.declare(f"datasets/{name}", text.replace("inbox/*.csv", f"inbox/{name}/*.csv"))
        (root / "workspace/inbox" / name).mkdir(parents=True)
    trial.declare("marts/both/mart", BOTH)
    (root / "workspace/marts/both/by_day.sql").write_text(BOTH_SQL, "utf-8")
    return trial


def put(trial: Trial, dataset: str, values: Mapping[int, float]) -> None:
    lines = [f"S1,2026-03-0{day} 08:00,{value}" for day, value in values.items()]
    file = trial.root / "workspace/inbox" / dataset / "x.csv"
    file.write_text("\n".join(["station,hour,pm25", *lines, ""]), "utf-8")


def patient(trial: Trial, mart: str, datasets: Collection[str] = ()) -> tuple[datetime, list[object]]:
    """Read everything, then publish with patience; the time after it, and the rows that readers have."""
    context = context_of(trial)
    for name in datasets or sorted(context.registry.contracts):
        ingest_dataset(context, context.registry.contracts[name])
    publish_linked_marts(context, [mart], patient=True)
    context.ledger.flush()
    pointer = read_pointer(trial.lake, mart)
    assert pointer is not None
    (table,) = context.registry.marts[mart].tables
    return datetime.now(UTC), table_rows(Path(trial.lake.mart(mart)) / pointer.file, table)


def check(trial: Trial, mart: str, seen: list[tuple[datetime, list[object]]]) -> None:
    for number, (at, rows) in enumerate(seen):
        file = trial.root / f"{number}.duckdb"
        done = rebuild_mart(context_of(trial), mart, at, file)
        (table,) = (each.table for each in done.tables)
        assert table_rows(file, table) == rows
        assert (done.equal, done.compared, done.problems) == (True, "rows", ())


def test_a_day_that_waited_is_left_out_or_has_the_rows_of_before(tmp_path: Path) -> None:
    trial = patient_city(tmp_path)
    seen = []
    for air, rain in (
        ({1: 10}, {1: 1}),
        # The second day waits for the rain, and the first one changes.
        ({1: 11, 2: 20}, {1: 1}),
        # It waits again, with another value.
        ({1: 12, 2: 21}, {1: 1}),
        ({1: 12, 2: 21}, {1: 1, 2: 5}),
    ):
        put(trial, "air.readings", air)
        put(trial, "weather.rain", rain)
        seen.append(patient(trial, "both"))
    assert [len(rows) for _, rows in seen] == [1, 1, 1, 2]
    check(trial, "both", seen)


def linked_city(root: Path) -> Trial:
    trial = Trial(root)
    trial.declare("workspace", "packs: [base, government]\n")
    for dataset, (department, fields, key) in DATASETS.items():
        text = CONTRACT.format(dataset=dataset, department=department, fields=fields + COMMON, key=key)
        trial.declare(f"datasets/{dataset}", text.replace("path: x.csv", f"path: '${{WORKSPACE}}/in/{dataset}.csv'"))
    trial.declare("entities/enterprise", ENTITY)
    trial.declare("marts/firms/mart", FIRMS)
    (root / "workspace/marts/firms/firm.sql").write_text(FIRM, "utf-8")
    (root / "workspace/in").mkdir()
    return trial


def test_entities_have_the_ids_of_that_time_whatever_was_decided_since(tmp_path: Path) -> None:
    trial = linked_city(tmp_path)
    folder = tmp_path / "workspace/in"
    common = "name,address,phone,opened"

    def firms(name: str, header: str, *rows: str) -> None:
        (folder / name).write_text("\n".join([f"{header},{common}", *rows, ""]), "utf-8")

    firms("market.register.csv", "uscc", f"{CODES[0]},甲厂,,,2020-01-01", f"{CODES[1]},乙厂,,,2020-01-01")
    firms("social.accounts.csv", "number,code", f"s1,{CODES[0][8:17]},甲,,,2020-01-01")
    firms("env.permits.csv", "number,credit", f"p1,{CODES[1]},乙,,,2020-01-01")
    seen = [patient(trial, "firms")]
    firms("env.permits.csv", "number,credit", f"p1,{CODES[0]},甲,,,2020-01-01", f"p2,{CODES[1]},乙,,,2020-01-01")
    seen.append(patient(trial, "firms"))
    undo(trial, "p2")
    seen.append(patient(trial, "firms"))
    firms("env.permits.csv", "number,credit", f"p1,{CODES[1]},甲,,,2020-01-01", f"p2,{CODES[1]},乙,,,2020-01-01")
    seen.append(patient(trial, "firms"))
    assert len({str(rows) for _, rows in seen}) == len(seen)
    check(trial, "firms", seen)


def undo(trial: Trial, key: str) -> None:
    """Decide that a record is not what it was linked with."""
    context = context_of(trial)
    links = scan_lake_table(trial.lake, trial.lake.curated("entities", "enterprise"))
    assert links is not None
    (link,) = links.collect().filter(record_key=key)["link_id"]
    decide_link(context, find_link(context, link), LinkDecision("王", "cli", "两家不同的工厂"), accept=None)
