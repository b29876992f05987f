"""The page of marts shows each day of a mart: published, or for whom it waits, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.marts.make.wait_policy import mart_wait_policy
from citylake.pipelines.marts.publish.publish_version import publish_mart
from citylake.pipelines.site.mart_days import DAYS_SHOWN, day_spans, mart_day_parts, mart_days
from citylake.pipelines.site.page_renderer import PageStyle, render_page
from citylake.pipelines.site.page_request import PageRequest
from tests.pipelines.marts.make.test_waiting import D1, D2, D3, declared, made, rain


@pytest.fixture
def city(small_city: Any) -> Any:
    return declared(small_city)


def days(city: Any, now: datetime, status: str = "published") -> dict[str, Any]:
    return mart_days(PageRequest(city.registry, city.lake, now), "both", status)


def published(city: Any, now: datetime) -> None:
    publish_mart(made(city, now), city.registry, city.lake)


def test_a_day_is_published_or_waits_for_a_dataset_until_a_time_or_is_incomplete(city: Any) -> None:
    now = datetime.now(UTC)
    city.readings(D1, {"a": 1.0})
    rain(city, D1)
    city.readings(D2, {"a": 2.0})
    published(city, now)
    found = days(city, now)
    assert found[str(D1)] == {"state": "published"}
    assert found[str(D2)]["state"] == "waiting"
    assert found[str(D2)]["datasets"] == ["weather.rain"]
    waits = mart_wait_policy(city.registry.marts["both"], city.registry, city.lake, now)
    until = datetime.fromisoformat(found[str(D2)]["until"])
    assert now < until <= waits.until(D2, datetime.now(UTC))
    later = until + timedelta(seconds=1)
    published(city, later)
    assert days(city, later)[str(D2)] == {"state": "incomplete", "datasets": ["weather.rain"]}


def test_a_changed_day_is_in_the_next_build_and_a_built_one_that_is_not_published_is_held(city: Any) -> None:
    now = datetime.now(UTC)
    for day in (D1, D2):
        city.readings(day, {"a": 1.0})
        rain(city, day)
    published(city, now)
    city.readings(D3, {"a": 1.0})
    rain(city, D3)
    assert days(city, now)[str(D3)] == {"state": "next"}
    made(city, now)
    assert days(city, now, "held")[str(D3)] == {"state": "held"}
    assert days(city, now, "held")[str(D1)] == {"state": "published"}


def test_the_page_names_the_dataset_in_both_languages(city: Any) -> None:
    waiting = {"state": "waiting", "datasets": ["weather.rain"], "until": "2026-03-04T12:00:00+08:00"}
    mart: dict[str, Any] = {"mart": "both", "title": {"zh": "两者", "en": "both"}}
    mart |= {"status": "published", "version": "1"}
    mart |= {"published_at": None, "incomplete": [], "rows": {}, "versions": [], "problems": []}
    mart |= {"days": {"2026-03-01": {"state": "published"}, "2026-03-02": waiting}}
    for language, words in (("zh", "最迟等到 2026-03-04 12:00"), ("en", "until 2026-03-04 12:00 at the latest")):
        page = render_page("marts", {"marts": [mart]}, PageStyle(language, "Asia/Shanghai"))
        assert words in page
        assert "weather.rain" in page


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=60))
def test_the_matrix_shows_the_last_days_of_which_any_mart_has_a_state(chosen: set[date]) -> None:
    told = {str(day): {"state": "published"} for day in sorted(chosen)}
    shown = mart_day_parts({"marts": [{"days": told}, {"days": {}}]})["days"]
    assert shown == sorted(told)[-DAYS_SHOWN:]
    spans = [span.split(" … ") for span in day_spans(chosen)]
    assert sum((date.fromisoformat(each[-1]) - date.fromisoformat(each[0])).days + 1 for each in spans) == len(chosen)
