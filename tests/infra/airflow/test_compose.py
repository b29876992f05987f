"""The compose file: complete, pinned, without a default password, and valid for the installed Airflow."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from citylake.infra.airflow.compose_file import ComposeService, compose_services
from citylake.schemas.words.errors import CitylakeError
from tests.infra.airflow.conftest import INFRA, airflow_lines, required

AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer", "worker"}
TEXT = (INFRA / "compose.yaml").read_text("utf-8")


def test_it_has_every_part_of_a_cluster(declared: dict[str, ComposeService]) -> None:
    always = {name for name, service in declared.items() if not service.profiles}
    assert always == AIRFLOW | {"postgres", "redis", "store", "airflow-init"}
    assert declared["worker"].replicas == 2
    assert declared["worker"].environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"


def test_all_but_the_preparation_say_whether_they_are_well(declared: dict[str, ComposeService]) -> None:
    assert {name for name, service in declared.items() if not service.health} == {"airflow-init"}


def test_a_spark_server_is_there_for_those_who_ask_for_it(declared: dict[str, ComposeService]) -> None:
    (spark,) = [service for service in declared.values() if service.profiles]
    assert (spark.name, spark.profiles) == ("spark", ("spark",))
    pins = dict(re.findall(r"^(\S+)==(\S+)", (INFRA.parent / "requirements-spark-servers.lock").read_text(), re.M))
    assert spark.image == f"citylake-sail:{pins['pysail']}"
    image = (INFRA / "spark/Dockerfile").read_text("utf-8")
    assert json.loads(image.rpartition("\nCMD ")[2]) == list(spark.command)
    pods = list(yaml.safe_load_all((INFRA / "helm/spark-connect.yaml").read_text("utf-8")))
    (container,) = pods[0]["spec"]["template"]["spec"]["containers"]
    assert container["command"] == list(spark.command)
    settings = {each["name"] for each in container["env"]} | {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert settings == set(spark.environment)


def test_nothing_of_airflow_starts_before_its_database_is_prepared(declared: dict[str, ComposeService]) -> None:
    assert set(declared["airflow-init"].after.values()) == {"service_healthy"}
    assert all(declared[name].after["airflow-init"] == "service_completed_successfully" for name in AIRFLOW)


def test_every_image_has_a_version(declared: dict[str, ComposeService]) -> None:
    assert all(re.search(r":\d+\.\d+[\w.-]*$", service.image) for service in declared.values())


@pytest.mark.parametrize("variable", sorted(required()))
def test_it_does_not_start_without_a_secret_and_says_which(variable: str) -> None:
    with pytest.raises(CitylakeError, match=variable):
        compose_services(required() | {variable: ""})


def test_no_secret_stands_in_the_file(declared: dict[str, ComposeService]) -> None:
    filled = {
        value
        for service in declared.values()
        for name, value in service.environment.items()
        if re.search("PASSWORD$|SECRET|_KEY(_ID)?$|REDISCLI_AUTH", name)
    }
    assert len(filled) >= 7
    assert filled <= set(required().values())


def test_every_secret_of_the_example_is_used(declared: dict[str, ComposeService]) -> None:
    assert {name for name in required() if f"${{{name}:?" not in TEXT} == set()


def test_every_choice_of_the_example_is_one_and_shows_what_holds_without_it() -> None:
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", (INFRA / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", TEXT)) == shown


def test_airflow_takes_every_command(declared: dict[str, ComposeService], installed: Any) -> None:
    lines = airflow_lines(declared)
    assert {line[0] for line in lines} >= {"api-server", "scheduler", "dag-processor", "triggerer", "celery", "jobs"}
    assert installed["refused"] == []


def test_every_module_that_it_calls_is_there(declared: dict[str, ComposeService]) -> None:
    texts = [" ".join((*service.command, *service.health)) for service in declared.values()]
    called = {name for text in texts for name in re.findall(r"python -m ([\w.]+)", text)}
    assert called == {
        "citylake.infra.airflow.prepare",
        "citylake.infra.airflow.password",
        "citylake.infra.airflow.healthy",
    }
    assert all(importlib.util.find_spec(name) for name in called)


def test_airflow_knows_every_setting(declared: dict[str, ComposeService], installed: Any) -> None:
    names = {name for service in declared.values() for name in service.environment}
    settings = {name.removeprefix("AIRFLOW__") for name in names if name.startswith("AIRFLOW__")}
    assert len(settings) > 15
    assert settings - set(installed["options"]) == set()


def test_a_worker_fetches_no_task_before_it_can_begin_it(installed: Any) -> None:
    assert installed["workers"]["worker_disable_prefetch"] is True
    assert set(installed["workers"]) <= set(installed["celery"])


def test_volumes_that_services_use_are_declared() -> None:
    body = yaml.safe_load(TEXT)
    used = {volume.partition(":")[0] for each in body["services"].values() for volume in each.get("volumes", ())}
    assert used == set(body["volumes"])


def test_a_dollar_that_is_written_twice_is_one(tmp_path: Path) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text('services: {a: {image: "x:1.0", command: [sh, -c, "echo $$HOME ${A:-b} ${C}"]}}', "utf-8")
    assert compose_services({"C": "d"}, file)["a"].command == ("sh", "-c", "echo $HOME b d")
