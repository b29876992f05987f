"""Airflow on one machine, with our DAGs and the demonstration city as their sources."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from citylake.infra.airflow.airflow_api import AirflowApi
from citylake.infra.airflow.child_process import Process
from citylake.infra.airflow.components import DAG_PROCESSOR, SCHEDULER, Components
from citylake.infra.airflow.home_folder import choose_port, require_space, sole_use
from citylake.infra.airflow.native_services import LOOPBACK, REPOSITORY_ROOT
from citylake.infra.airflow.password import PASSWORDS_FILE_VARIABLE, write_password
from citylake.infra.airflow.waiting import Teller, Waiting, stopped, wait_for_end
from citylake.infra.city.standing_city import DEMO_WORKSPACE, standing_city
from citylake.pipelines.flow.run_order import order_datasets
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

ADMIN_NAME = "admin"
_START_S, _STOP_S, _RUN_S, _ANSWER_S = 600.0, 15.0, 3600.0, 20.0


@contextmanager
def standing_airflow(
    home: Path, tell: Teller, port: int | None = None, *, paused: bool = False
) -> Iterator[tuple[str, str, Components]]:
    """Yields Airflow's address, the password of ``admin`` and its components. Everything is stopped at the end.

    With ``paused``, a DAG that is new does not run before it is turned on.

    Raises AIRFLOW_RUNS_ALREADY, AIRFLOW_PORT_TAKEN, AIRFLOW_NO_SPACE, AIRFLOW_HOME_UNUSABLE, AIRFLOW_TOO_SLOW and
    SERVICE_STOPPED.
    """
    home = home.resolve()
    with sole_use(home):
        port = choose_port(port)
        password = _password(home)
        with standing_city(home / "city") as sources:
            environment = {**os.environ, **laptop_settings(home, port, paused=paused), **sources}
            words = [sys.executable, "-m", "citylake.infra.airflow.prepare"]
            wait_for_end(Process("prepare", words, environment, home / "prepare.log"), tell, "prepare", _START_S)
            airflow = Components(environment, home, tell)
            try:
                airflow.start()
                yield f"http://{LOOPBACK}:{port}", password, airflow
            finally:
                airflow.stop(_STOP_S)


def laptop_settings(home: Path, port: int, *, paused: bool = False) -> dict[str, str]:
    """Airflow's settings for one machine and one user."""
    core = {
        "DAGS_FOLDER": str(REPOSITORY_ROOT / "dags"),
        "LOAD_EXAMPLES": "false",
        "EXECUTOR": "citylake.infra.airflow.warm_executor.WarmLocalExecutor",
        "PARALLELISM": "4",
        "DAGS_ARE_PAUSED_AT_CREATION": str(paused).lower(),
        "EXECUTION_API_SERVER_URL": f"http://{LOOPBACK}:{port}/execution/",
        "SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN_NAME}:admin",
    }
    path = os.pathsep.join(filter(None, (str(REPOSITORY_ROOT), os.environ.get("PYTHONPATH"))))
    return {
        "AIRFLOW_HOME": str(home),
        **{f"AIRFLOW__CORE__{name}": value for name, value in core.items()},
        PASSWORDS_FILE_VARIABLE: str(home / "passwords.json"),
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(port),
        "CITYLAKE_LAKE": str(home / "lake"),
        "CITYLAKE_WORKSPACE": str(DEMO_WORKSPACE),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": path,
    }


def start_first_runs(
    url: str, password: str, airflow: Components, begun: Callable[[], None], tell: Teller, only: Collection[str] = ()
) -> None:
    """When Airflow is healthy and has parsed every DAG, run each dataset: registers before datasets that refer to them.

    With ``only``, run these datasets alone; raises DATASET_UNKNOWN.

    Calls ``begun`` when the first runs exist. Raises AIRFLOW_TOO_SLOW, AIRFLOW_REFUSED and SERVICE_STOPPED.
    """
    registry = load_valid_registry(DEMO_WORKSPACE)
    first, rest = _in_turn(registry, only)
    waiting = Waiting(airflow, tell)
    api = waiting.until("server", lambda: _login(url, password), _START_S, url=url)
    try:
        marts = [f"mart.{mart}" for mart in registry.marts]
        wanted = {*map(_dag, registry.contracts.values()), *marts}
        scheduler, processor = airflow.log_of(SCHEDULER), airflow.log_of(DAG_PROCESSOR)
        waiting.until("health", api.healthy, _START_S, scheduler)
        waiting.until("dags", lambda: wanted <= api.dags(), _START_S, processor, count=len(wanted))
        for dag in marts:
            _turn_on_if_new(api, dag, waiting)
        started = [(dag, _start_run(api, dag, waiting)) for dag in first]
        begun()
        for dag, run in started:
            waiting.until("run", lambda dag=dag, run=run: _has_ended(api, dag, run), _RUN_S, scheduler, dag=dag)  # type: ignore[misc]
        for dag in rest:
            _start_run(api, dag, waiting)
    finally:
        api.close()


def wait_for_interrupt(airflow: Components) -> None:
    """Wait for an interrupt. Raises SERVICE_STOPPED if Airflow ends by itself, AIRFLOW_NO_SPACE if the disk is full."""
    while (ended := airflow.ended()) is None:
        time.sleep(1)
    require_space(ended.log.parent)
    raise stopped(ended)


def interrupt_on_sigterm() -> None:
    """Make SIGTERM end us as Ctrl-C does, and make Ctrl-C work if a shell started us in the background."""
    for how in (signal.SIGINT, signal.SIGTERM):
        signal.signal(how, signal.default_int_handler)


def _in_turn(registry: Registry, only: Collection[str]) -> tuple[list[str], list[str]]:
    """The DAGs of datasets that others refer to, and the DAGs of the other datasets."""
    contracts = order_datasets(registry, only)
    needed = {reference.dataset for contract in contracts for reference in contract.references}
    first = [_dag(contract) for contract in contracts if contract.dataset in needed]
    return first, [_dag(contract) for contract in contracts if contract.dataset not in needed]


def _dag(contract: Contract) -> str:
    return f"dataset.{contract.dataset}"


def _start_run(api: AirflowApi, dag: str, waiting: Waiting) -> str:
    """Start the first run of a DAG. Each attempt first checks that there is no run yet, so there is only one."""

    def start() -> str:
        if runs := api.runs(dag):
            return str(runs[0]["dag_run_id"])
        api.turn_on(dag)
        return api.trigger(dag)

    return waiting.until("start", start, _START_S, dag=dag)


def _turn_on_if_new(api: AirflowApi, dag: str, waiting: Waiting) -> None:
    """Turn on a DAG without runs; one that has run is as its user left it."""
    waiting.until("start", lambda: api.runs(dag) or api.turn_on(dag), _START_S, dag=dag)


def _login(url: str, password: str) -> AirflowApi:
    """Each request is made once: who waits makes it again, and reports what for."""
    return AirflowApi(url, ADMIN_NAME, password, wait_s=_ANSWER_S, attempts=1)


def _has_ended(api: AirflowApi, dag: str, run: str) -> bool:
    return any(each["dag_run_id"] == run and each["state"] in ("success", "failed") for each in api.runs(dag))


def _password(home: Path) -> str:
    """The administrator's password: generated once, stored in the home folder."""
    file = home / "password"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(9), encoding="utf-8")
    password = file.read_text(encoding="utf-8")
    write_password(home / "passwords.json", ADMIN_NAME, password)
    return password
