"""Random SELECTs of every kind over three standard tables with random histories, built and published as marts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import yaml
from deltalake import CommitProperties, write_deltalake
from hypothesis import strategies as st

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts
from citylake.pipelines.records import Publication
from citylake.schemas.lint.valid_registry import load_lintable_registry
from citylake.schemas.read.registry import Registry
from tests.random_workspaces import WORDS, declare_elements

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 3, 1)
DAYS = 4
CODES = ("A", "B", "C", "D")
_FIELDS = {
    "reads": ("code", "at", "n", "x"),
    "places": ("code", "note"),
    "gone": ("code", "on"),
}
_WRITES: dict[str, dict[str, Any]] = {
    "reads": {"mode": "upsert", "key": ["n_1"], "partition": "day(seen_at)"},
    "places": {"mode": "upsert", "key": ["code"]},
    "gone": {"mode": "upsert", "key": ["code", "seen_on"], "partition": "day(seen_on)"},
}

SOURCES = (
    "r.reads",
    "(FROM r.reads QUALIFY row_number() OVER (PARTITION BY code, _day ORDER BY x_1 DESC NULLS LAST, n_1) <= 2)",
    "(SELECT DISTINCT code, n_1, x_1, _day FROM r.reads)",
    "(SELECT code, n_1, x_1, _day FROM r.reads UNION ALL SELECT code, 0, 1.5, _day FROM r.gone)",
    "(SELECT code, n_1 % 3 AS n_1, x_1, _day FROM r.reads UNION SELECT code, 0, NULL, _day FROM r.gone)",
    "(SELECT code, n_1, coalesce(x_1, lag(x_1) OVER (PARTITION BY code ORDER BY n_1)) AS x_1, _day FROM r.reads)",
    "(FROM r.reads WHERE x_1 IS NOT NULL)",
    "(SELECT COLUMNS('^(code|n_1|x_1|_day)$') FROM r.reads)",
)
"""Rows with ``code``, ``n_1``, ``x_1`` and ``_day``."""
JOINS = (
    "",
    "JOIN r.places AS p USING (code)",
    "LEFT JOIN r.places AS p USING (code)",
    "SEMI JOIN r.places AS p USING (code)",
    "ANTI JOIN r.gone AS g ON g.code = s.code AND g._day = s._day",
    "LEFT JOIN r.extra AS e ON e.code = s.code",
    "LEFT JOIN (SELECT code, max(x_1) AS top FROM r.reads GROUP BY code) AS b ON b.code = s.code",
    "CROSS JOIN LATERAL (SELECT count(*) AS near FROM r.gone AS g WHERE g.code = s.code) AS l",
    "ASOF LEFT JOIN r.gone AS g ON g.code = s.code AND s._day >= g._day",
)
FILTERS = (
    "",
    "s.x_1 > 2",
    "EXISTS (SELECT 1 FROM r.places AS q WHERE q.code = s.code)",
    "NOT EXISTS (FROM r.gone AS q WHERE q.code = s.code AND q._day = s._day)",
    "s.code IN (SELECT code FROM r.places)",
    "s.code NOT IN (SELECT code FROM r.gone WHERE _day = s._day)",
    "s.x_1 >= (SELECT avg(x_1) FROM r.reads AS q WHERE q._day = s._day)",
    "s.x_1 IS NULL OR s.x_1 < ALL (SELECT x_1 + 5 FROM r.reads AS q WHERE q.code = s.code AND x_1 IS NOT NULL)",
)
MEASURES = (
    "count(*)",
    "sum(s.x_1)",
    "avg(s.x_1)",
    "max(s.n_1)",
    "count(DISTINCT s.n_1)",
    "sum(s.x_1) FILTER (WHERE s.n_1 % 2 = 0)",
    "string_agg(s.code, ',' ORDER BY s.n_1)",
    "list(s.x_1 ORDER BY s.n_1)",
    "max(s.x_1) / nullif((SELECT max(x_1) FROM r.reads AS q WHERE q._day = s._day), 0)",
    "lag(sum(s.x_1)) OVER (PARTITION BY s.code ORDER BY s._day)",
    "sum(count(*)) OVER (PARTITION BY s._day)",
    "rank() OVER (PARTITION BY s._day ORDER BY count(*) DESC)",
    "avg(sum(s.x_1)) OVER (PARTITION BY s.code ORDER BY s._day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
    "count(*) / sum(count(*)) OVER ()",
)
HAVINGS = ("", "count(*) > 1", "sum(s.x_1) IS NOT NULL")
WRAPS = (
    "{select}",
    "WITH made AS ({select}) SELECT * FROM made",
    "WITH made AS ({select}) SELECT *, FROM made WHERE code IN (SELECT code FROM r.reads)",
    "SELECT code, day, m1, lead(m2 IGNORE NULLS) OVER (PARTITION BY code ORDER BY day) AS m2 FROM ({select})",
    "SELECT * FROM ({select}) UNION ALL SELECT 'Z', seen_on, NULL, NULL FROM r.gone GROUP BY ALL",
)


@st.composite
def selects(draw: st.DrawFn) -> str:
    """A SELECT with the columns ``code``, ``day``, ``m1`` and ``m2``, and one row for each code and day."""
    source, join, condition = (draw(st.sampled_from(each)) for each in (SOURCES, JOINS, FILTERS))
    measures = draw(st.lists(st.sampled_from(MEASURES), min_size=2, max_size=2, unique=True))
    having = draw(st.sampled_from(HAVINGS))
    select = (
        f"SELECT s.code, s._day AS day, {measures[0]} AS m1, {measures[1]} AS m2 FROM {source} AS s {join}"
        + (f" WHERE {condition}" if condition else "")
        + " GROUP BY s.code, s._day"
        + (f" HAVING {having}" if having else "")
    )
    return draw(st.sampled_from(WRAPS)).format(select=select)


def mart_of(name: str, lookback: int = 0, *, by_day: bool = True, **more: Any) -> dict[str, Any]:
    """The declaration of a mart with the table ``t``."""
    table: dict[str, Any] = {
        "title": WORDS,
        "grain": ["code", "day"],
        "columns": {column: {"text": WORDS} for column in ("code", "day", "m1", "m2")},
        **({"day": "day", "lookback_days": lookback} if by_day else {}),
        **more,
    }
    extra = {"r.extra": {"code": "e.code", "x_1": "e.x"}}
    return {"mart": name, "title": WORDS, "audience": WORDS, "optional": extra, "tables": {"t": table}}


@dataclass
class TracedLake:
    """A workspace whose marts are ``selects`` by name, and a lake whose standard tables are written directly."""

    folder: Path
    selects: Mapping[str, str]
    marts: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        root = self.folder / "city"
        _write(root / "workspace.yaml", "packs: []\ntimezone: Asia/Shanghai\n")
        _write(root / "elements/e.yaml", declare_elements())
        for name, fields in _FIELDS.items():
            contract = {
                "dataset": f"r.{name}",
                "title": WORDS,
                "owner": {"department": "测"},
                "source": {"connector": "files", "path": "${WORKSPACE}/in/*.json", "format": "json"},
                "fields": {each: {"element": f"e.{each}", **_form(each)} for each in fields},
                "write": _WRITES[name],
            }
            _write(root / f"datasets/r/{name}.yaml", yaml.safe_dump(contract, allow_unicode=True))
        for name, select in self.selects.items():
            declared = self.marts.get(name) or mart_of(name, 1)
            _write(root / f"marts/{name}/mart.yaml", yaml.safe_dump(declared, allow_unicode=True))
            _write(root / f"marts/{name}/t.sql", select)
        self.lake = Lake(str(self.folder / "lake"))
        self.registry: Registry = load_lintable_registry(root)

    def publish(self, *names: str) -> list[Publication]:
        """Build and publish marts; all if none is named."""
        context = RunContext(self.registry, self.lake, Ledger(self.lake), new_run())
        done = build_and_publish_marts(context, names or tuple(self.selects))
        context.ledger.flush()
        return done

    def deliver(self, dataset: str, rows: Iterable[tuple[Any, ...]], days: Iterable[date] = ()) -> None:
        """Replace ``days`` of a standard table by ``rows``, or all of a table without days."""
        root = self.lake.standard(f"r.{dataset}")
        by_day = "partition" in _WRITES[dataset]
        frame, chosen = _frame(dataset, list(rows), Path(root).exists()), sorted(set(days))
        note = {"days": [day.isoformat() for day in chosen], "everything": not by_day}
        listed = ", ".join(f"'{day.isoformat()}'" for day in chosen)
        write_deltalake(
            root,
            frame.to_arrow(),
            mode="overwrite",
            partition_by=["_day"] if by_day else None,
            predicate=f"_day IN ({listed})" if by_day and Path(root).exists() else None,
            commit_properties=CommitProperties(custom_metadata={"citylake": json.dumps(note)}),
        )


def reading(code: str, day: date, number: int, value: float | None) -> tuple[Any, ...]:
    """A row of ``reads``."""
    return code, datetime(day.year, day.month, day.day, 8, number, tzinfo=ZONE), number, value


def _form(element: str) -> dict[str, str]:
    return {"at": {"format": "%Y-%m-%d %H:%M:%S"}, "on": {"format": "%Y-%m-%d"}}.get(element, {})


def _frame(dataset: str, rows: list[tuple[Any, ...]], again: bool) -> pl.DataFrame:
    schemas: dict[str, dict[str, Any]] = {
        "reads": {"code": pl.String, "seen_at": pl.Datetime("us", "UTC"), "n_1": pl.Int64, "x_1": pl.Float64},
        "places": {"code": pl.String, "note": pl.String},
        "gone": {"code": pl.String, "seen_on": pl.Date},
    }
    frame = pl.DataFrame(rows, schema=schemas[dataset], orient="row")
    receipt = f"receipt-{'b' if again else 'a'}"
    frame = frame.with_columns(pl.lit("batch").alias("_batch"), pl.lit(receipt).alias("_receipt"))
    frame = frame.with_columns(pl.int_range(1, pl.len() + 1).alias("_row"), pl.lit("f.csv").alias("_source"))
    frame = frame.with_columns(pl.lit(None, pl.String).alias("_warnings"))
    if dataset == "reads":
        return frame.with_columns(pl.col("seen_at").dt.convert_time_zone("Asia/Shanghai").dt.date().alias("_day"))
    return frame.with_columns(pl.col("seen_on").alias("_day")) if dataset == "gone" else frame


@st.composite
def deliveries(draw: st.DrawFn, days: Iterable[int]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[date]]:
    """Rows of ``reads`` and of ``gone`` for some days, and the days."""
    reads: list[tuple[Any, ...]] = []
    gone: list[tuple[Any, ...]] = []
    chosen = [FIRST + timedelta(number) for number in days]
    for number, day in enumerate(chosen):
        found = draw(
            st.lists(
                st.tuples(st.sampled_from(CODES), st.one_of(st.none(), st.sampled_from([0.5, 1.0, 2.5, 4.0, 7.25]))),
                max_size=7,
            )
        )
        base = 100 * (day.toordinal() - FIRST.toordinal())
        for place, (code, value) in enumerate(found):
            at = datetime(day.year, day.month, day.day, 8, place, tzinfo=ZONE)
            reads.append((code, at, base + place, value))
        gone += [(code, day) for code in draw(st.sets(st.sampled_from(CODES), max_size=2 if number % 2 else 1))]
    return reads, gone, chosen


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
