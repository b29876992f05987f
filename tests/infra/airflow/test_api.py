"""Airflow's API as ``make airflow`` uses it: a transient failure is retried, a refusal is reported at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import stamina

from citylake.infra.airflow.airflow_api import AirflowApi, BusyError
from citylake.infra.airflow.child_process import Process
from citylake.infra.airflow.laptop import _start_run, _turn_on_if_new
from citylake.infra.airflow.waiting import Waiting
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue
from tests.loopback import Asked, City, Reply

TOKEN = Reply({"access_token": "t"}, 201)
LOCKED = Reply(b"database is locked", 500)


@pytest.fixture
def api(city: City) -> Iterator[AirflowApi]:
    city.answer = lambda asked: TOKEN
    session = AirflowApi(city.url, "admin", "secret")
    city.asked.clear()
    with stamina.set_testing(True, attempts=5, cap=True):
        yield session
    session.close()


@contextmanager
def program(folder: Path, script: str) -> Iterator[Process]:
    """A program in Airflow's place."""
    running = Process("airflow", ["sh", "-c", script], os.environ, folder / "airflow.log")
    try:
        yield running
    finally:
        running.kill()


def test_a_question_that_met_a_locked_database_is_asked_again(api: AirflowApi, city: City) -> None:
    city.answer = lambda asked: LOCKED if asked.times < 2 else Reply({"dags": [{"dag_id": "a"}]})
    assert api.dags() == {"a"}
    assert len(city.asked) == 3


def test_a_refusal_is_told_at_once(api: AirflowApi, city: City) -> None:
    city.answer = lambda asked: Reply(b"no such page", 404)
    with pytest.raises(CitylakeError, match="no such page"):
        api.dags()
    assert len(city.asked) == 1


def test_a_database_that_stays_locked_is_told(api: AirflowApi, city: City) -> None:
    city.answer = lambda asked: LOCKED
    with pytest.raises(BusyError, match="database is locked"):
        api.dags()


@pytest.mark.parametrize("kept", [False, True])
def test_a_first_run_is_begun_once_whether_or_not_the_failing_answer_kept_it(
    api: AirflowApi, city: City, tmp_path: Path, kept: bool
) -> None:
    runs: list[dict[str, str]] = []

    def airflow(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply({"dag_runs": runs})
        if asked.method == "PATCH":
            return Reply({"dag_id": "dataset.a"})
        first = not any(old.method == "POST" for old in city.asked[:-1])
        if kept or not first:
            runs.append({"dag_run_id": "r"})
        return LOCKED if first else Reply({"dag_run_id": "r"})

    city.answer = airflow
    with program(tmp_path, "sleep 60") as running:
        assert _start_run(api, "dataset.a", Waiting(running, print)) == "r"
    assert len(runs) == 1


def test_a_dag_that_has_run_stays_paused_if_its_user_paused_it(api: AirflowApi, city: City, tmp_path: Path) -> None:
    city.answer = lambda asked: Reply({"dag_runs": [{"dag_run_id": "r"}]})
    with program(tmp_path, "sleep 60") as running:
        assert _start_run(api, "dataset.a", Waiting(running, print)) == "r"
        _turn_on_if_new(api, "mart.a", Waiting(running, print))
    assert {asked.method for asked in city.asked} == {"GET"}


@pytest.mark.parametrize("answer", [Reply(b"<html>", 200), Reply({}, 201), Reply(b"", 200)])
def test_an_answer_that_is_none_is_asked_again_until_there_is_one(city: City, tmp_path: Path, answer: Reply) -> None:
    city.answer = lambda asked: TOKEN if asked.times > 1 else answer
    with program(tmp_path, "sleep 60") as running:
        api = Waiting(running, print).until("server", lambda: AirflowApi(city.url, "a", "b", attempts=1), 20, url="x")
    api.close()
    assert len(city.asked) == 3


def test_one_slow_answer_does_not_end_it(city: City, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []

    def slow(asked: Asked) -> Reply:
        if asked.path.endswith("health") and asked.times < 2:
            time.sleep(0.6)
        healthy = {"status": "healthy"}
        parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
        return TOKEN if asked.method == "POST" else Reply(dict.fromkeys(parts, healthy))

    city.answer = slow
    with program(tmp_path, "sleep 60") as running:
        api = AirflowApi(city.url, "a", "b", wait_s=0.3, attempts=1)
        waiting = Waiting(running, lambda key, **values: told.append({"key": key, **values}), repeat_s=0.1)
        assert waiting.until("health", api.healthy, 20)
        api.close()
    assert told
    assert told[0]["key"] == "airflow.waiting"
    assert "scheduler, triggerer and DAG processor to be healthy" in told[0]["what"]["en"]
    assert told[0]["log"] == str(running.log)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_waits_in_vain_is_told_for_what_how_long_and_which_log_to_read(
    city: City, tmp_path: Path, language: str
) -> None:
    city.answer = lambda asked: LOCKED
    with program(tmp_path, "sleep 60") as running, pytest.raises(CitylakeError) as caught:
        Waiting(running, print).until("server", lambda: AirflowApi(city.url, "a", "b"), 0.1, url=city.url)
    said = caught.value.say(language)
    assert caught.value.code == "AIRFLOW_TOO_SLOW"
    assert city.url in said
    assert "database is locked" in said
    assert str(running.log) in said + render_issue(caught.value.code, caught.value.values, language)


def test_an_airflow_that_ends_meanwhile_is_told_without_its_traceback(city: City, tmp_path: Path) -> None:
    city.answer = lambda asked: LOCKED
    script = "printf 'Traceback (most recent call last):\\n  File x\\nOSError: no space left\\n'; exit 3"
    with program(tmp_path, script) as running, pytest.raises(CitylakeError) as caught:
        Waiting(running, print).until("server", lambda: AirflowApi(city.url, "a", "b", attempts=1), 20, url=city.url)
    assert caught.value.code == "SERVICE_STOPPED"
    assert caught.value.values["why"] == "OSError: no space left"
