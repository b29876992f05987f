"""``python -m tests.dags.airflow_server SOCKET``: Airflow imported once; each script of this folder is a fork of it."""

from __future__ import annotations

import asyncio
import gc
import runpy
import sys
from importlib import import_module
from pathlib import Path

import httpx
from airflow import settings
from airflow.sdk.execution_time.supervisor import in_process_api_server

from tests.forked.imported import IDLE_THREADS, load_everything, threads
from tests.forked.server import Server

AIRFLOW = (
    "airflow.cli.cli_parser",
    "airflow.cli.commands.backfill_command",
    "airflow.cli.commands.dag_command",
    "airflow.cli.commands.db_command",
    "airflow.dag_processing.dagbag",
    "airflow.jobs.scheduler_job_runner",
    "airflow.sdk.execution_time.task_runner",
    "airflow.utils.db",
)
"""What scripts import first or last."""


def run_script(path: str, *arguments: str) -> int:
    """Run it as an interpreter of its own would, with Airflow as the fork's variables set it."""
    settings.dispose_orm(do_log=False)
    settings.initialize()  # type: ignore[no-untyped-call]
    sys.argv = [path, *arguments]
    sys.path.insert(0, str(Path(path).parent))
    runpy.run_path(path, run_name="__main__")
    return 0


async def make_task_api() -> None:
    """Make what ``dag.test()`` asks in place of a server: its first answer takes five seconds of CPU."""
    transport = httpx.ASGITransport(app=in_process_api_server().app)
    async with httpx.AsyncClient(transport=transport, base_url="http://in-process.invalid") as asked:
        await asked.get("/nothing")


def main() -> None:
    """Import, then serve."""
    for name in AIRFLOW:
        import_module(name)
    load_everything()
    asyncio.run(make_task_api())
    assert threads() <= IDLE_THREADS, threads()
    gc.collect()
    gc.freeze()
    Server(sys.argv[1]).serve()


if __name__ == "__main__":
    main()
