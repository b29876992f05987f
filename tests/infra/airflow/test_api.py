"""Airflow's API as ``make airflow`` uses it: a transient failure is retried, a refusal is reported at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from citylake.infra.airflow.airflow_api import AirflowApi, BusyError
from citylake.infra.airflow.laptop import _start_run
from citylake.schemas.words.errors import CitylakeError
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
    api: AirflowApi, city: City, kept: bool
) -> None:
    runs: list[dict[str, str]] = []

    def airflow(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply({"dag_runs": runs})
        first = not any(old.method == "POST" for old in city.asked[:-1])
        if kept or not first:
            runs.append({"dag_run_id": "r"})
        return LOCKED if first else Reply({"dag_run_id": "r"})

    city.answer = airflow
    assert _start_run(api, "dataset.a") == "r"
    assert len(runs) == 1
