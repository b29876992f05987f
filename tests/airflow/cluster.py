"""The services of ``infra/compose.yaml``, started as processes, with servers that the tests start."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.fernet import Fernet

from citylake.infra.airflow.compose_file import compose_services
from citylake.infra.airflow.native_services import NativeServices
from tests.airflow.api import Told, poll
from tests.airflow.city import KINDS, MART, declare
from tests.airflow.redis import redis_server
from tests.object_store import serving
from tests.postgres import Postgres

AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer", "worker")
WORKERS = ("worker-1", "worker-2")
# Short intervals where a person could wait, and small workers: the machine may have two cores for everything.
QUICK = {
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "false",
    "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "4",
}


@dataclass(frozen=True)
class Cluster:
    """A running Airflow with its database, the sources' folder, and the variables with which we read its lake."""

    native: NativeServices
    api: Told
    sources: Path
    environment: dict[str, str]
    database: Postgres


def secret_variables() -> dict[str, str]:
    """A value for every variable that compose requires."""
    named = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "LAKE_KEY_ID", "LAKE_SECRET", "AIRFLOW_ADMIN_PASSWORD")
    made = {name: secrets.token_hex(12) for name in (*named, "AIRFLOW_SECRET_KEY")}
    return {**made, "AIRFLOW_JWT_SECRET": secrets.token_hex(32), "AIRFLOW_FERNET_KEY": Fernet.generate_key().decode()}


@contextmanager
def cluster(home: Path, postgres: Postgres) -> Iterator[Cluster]:
    """Everything started and healthy, with its DAGs parsed; everything stopped at the end."""
    variables = {**secret_variables(), "WORKER_CONCURRENCY": "4", "CITYLAKE_MEMORY": "200MB"}
    sources = home / "sources"
    sources.mkdir()
    declared = compose_services({**variables, "CITYLAKE_WORKSPACE": str(declare(home))})
    make_database(postgres, variables["POSTGRES_PASSWORD"])
    with redis_server(variables["REDIS_PASSWORD"]) as redis, serving() as store:
        elsewhere = {"postgres": postgres.port, "redis": redis, "store": int(store.rpartition(":")[2])}
        native = NativeServices(declared, home / "airflow", elsewhere, {**QUICK, "SOURCES": str(sources)})
        try:
            start(native)
            api = login(native, variables)
            yield Cluster(native, api, sources, lake_variables(native), replace(postgres, name="airflow"))
            api.close()
        finally:
            # Nobody waits for them: at a signal to end, they would take what a worker may take for its tasks.
            native.stop(how=signal.SIGKILL)


def make_database(postgres: Postgres, password: str) -> None:
    """The role and the database that compose has PostgreSQL's image create."""
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(postgres.uri, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE airflow LOGIN PASSWORD '{password}'")
        cursor.execute("CREATE DATABASE airflow OWNER airflow")


def start(native: NativeServices) -> None:
    """Start the services in the order that compose declares."""
    native.run("airflow-init")
    for name in AIRFLOW:
        native.start(name)
    native.wait("api-server")


def login(native: NativeServices, variables: dict[str, str]) -> Told:
    """The API, once scheduler and DAG processor run and every DAG of the city is parsed."""
    port = native.port("api-server", "8080")
    api = Told(f"http://127.0.0.1:{port}", "admin", variables["AIRFLOW_ADMIN_PASSWORD"])
    known = {*(f"dataset.{dataset}" for dataset in KINDS), f"mart.{MART}"}
    poll("health", lambda: (api.healthy() and known <= api.dags()) or None, 180, lambda: tails(native))
    return api


def tails(native: NativeServices) -> str:
    """The end of every service's output."""
    return "\n".join(f"=== {name}\n{process.tail()}" for name, process in native.running.items())


def lake_variables(native: NativeServices) -> dict[str, str]:
    """The worker's variables, for our process to read the same lake."""
    found = native.environment(native.services["worker"], "worker-1")
    return {name: found[name] for name in found if name.startswith(("CITYLAKE_", "AWS_")) or name in os.environ}
