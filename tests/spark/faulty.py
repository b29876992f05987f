"""A mart of one table on an endpoint of its own, and what is done to that endpoint while the SELECT runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.spark import spark_session
from citylake.schemas.words.errors import CitylakeError

DAY = date(2026, 2, 27)
CHANNEL = "citylake.pipelines.marts.spark.spark_channel"
"""Its module imports ``pyspark``, so it is named here and imported where a test runs."""
MART = """
mart: counts
title: {{zh: 计数, en: counts}}
audience: {{zh: 分析人员, en: analysts}}
timeout: {timeout}
tables:
  counts:
    title: {{zh: 计数, en: counts}}
    engine: spark
    grain: [n]
    columns: {{n: {{text: {{zh: 个数, en: number}}}}}}
"""
BRIEF = "SELECT count(*) AS n FROM air.readings"
ENDLESS = f"""
SELECT count(*) AS n FROM {", ".join(f"air.readings AS {name}" for name in "abcdef")}
WHERE a.pm25_ugm3 IS NOT NULL AND a.pm25_ugm3 + b.pm25_ugm3 > c.pm25_ugm3 - d.pm25_ugm3 + e.pm25_ugm3 - f.pm25_ugm3
"""
"""Of 200 rows: 64 million million pairs."""
MANY_TEXTS = """
SELECT count(DISTINCT a.station_code || b.station_code || c.station_code || d.station_code) AS n
FROM air.readings AS a, air.readings AS b, air.readings AS c, air.readings AS d
"""
LONG_LIST = "SELECT count(x) AS n FROM (SELECT unnest(generate_series(1, 300000000 + count(*))) AS x FROM air.readings)"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is tried again, and the log tells twice a second that the SELECT runs."""
    monkeypatch.setattr(f"{CHANNEL}.RETRIES", 3)
    monkeypatch.setattr(spark_session, "_ATTEMPTS", 2)
    monkeypatch.setattr(spark_session, "TOLD_EVERY_S", 0.5)


def fill(city: Any) -> None:
    """The mart's input."""
    city.readings(DAY, {f"S{number}": float(number) for number in range(200)})


def build(city: Any, sql: str = BRIEF, timeout: str = "1h") -> int:
    """Build the mart anew; return the version of its table."""
    city.mart("counts", MART.format(timeout=timeout), {"counts": sql})
    registry = city.registry
    return build_mart(registry.marts["counts"], registry, city.lake, full=True).tables["counts"]


def fault(city: Any, sql: str = BRIEF, timeout: str = "1h") -> tuple[str, str]:
    """The code of the error with which the build ends, and its text."""
    with pytest.raises(CitylakeError) as raised:
        build(city, sql, timeout)
    return raised.value.code, raised.value.say("en")


@contextmanager
def once_it_runs(act: Callable[[], Any]) -> Iterator[None]:
    """Call ``act`` when the log says for the first time that the SELECT runs."""
    handler, told = logging.Handler(), list[str]()

    def emit(record: logging.LogRecord) -> None:
        told.append(record.getMessage())
        if len(told) == 1:
            act()

    handler.emit = emit  # type: ignore[method-assign]
    logger = logging.getLogger(spark_session.__name__)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    assert told, "the log says that the SELECT runs"
