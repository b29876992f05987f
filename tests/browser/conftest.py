"""A real api-server of Airflow over a small lake that its own DAGs filled, and Chromium."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.pipelines.site.conftest import FIRST, SECRET, SHORT, declared
from tests.postgres import free_port
from tests.trial import Trial

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PASSWORDS = {"operator": "lake-and-river", "viewer": "only-looking"}
PATIENCE = 120.0
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@dataclass(frozen=True)
class Served:
    """The server's address, and the ids of the runs by name."""

    url: str
    runs: Mapping[str, str]

    def login(self, user: str = "operator") -> str:
        """The user's token."""
        answer = httpx.post(f"{self.url}/auth/token", json={"username": user, "password": PASSWORDS[user]})
        return str(answer.raise_for_status().json()["access_token"])


def _variables(home: Path, trial: Trial) -> dict[str, str]:
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps(PASSWORDS))
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        **trial.given,
        "PYTHONPATH": str(ROOT),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "operator:admin,viewer:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "CITYLAKE_LAKE": trial.lake.url,
        "CITYLAKE_WORKSPACE": str(trial.root / "workspace"),
    }


def _call(variables: dict[str, str], *words: str) -> str:
    done = subprocess.run([sys.executable, *words], env=variables, cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def _runs(variables: dict[str, str], trial: Trial) -> dict[str, str]:
    """A run that commits, one of another dataset, the mart's, and one that is held."""
    steps = {
        "first": {"dag": "dataset.traffic.counts", "file": "counts/1.csv", "text": FIRST},
        "people": {"dag": "dataset.person.register", "file": "people/1.csv", "text": f"id\n{SECRET}\n"},
        "mart": {"dag": "mart.counts"},
        "held": {"dag": "dataset.traffic.counts", "file": "counts/2.csv", "text": SHORT},
    }
    told = _call(variables, "make_runs.py", str(trial.root), json.dumps(list(steps.values())))
    return dict(zip(steps, json.loads(told.splitlines()[-1]), strict=True))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server, stopped at the end."""
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("airflow is not installed")
    home, trial = tmp_path_factory.mktemp("airflow"), declared(Trial(tmp_path_factory.mktemp("lake")))
    variables, port = _variables(home, trial), free_port()
    _call(variables, "-m", "airflow", "db", "migrate")
    with (home / "log").open("w") as log:
        command = [sys.executable, "-m", "airflow", "api-server", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(command, env=variables, cwd=home, stdout=log, stderr=log, start_new_session=True)
        try:
            runs = _runs(variables, trial)
            _wait(f"http://127.0.0.1:{port}", server, home / "log")
            yield Served(f"http://127.0.0.1:{port}", runs)
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _wait(url: str, server: subprocess.Popen[Any], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"{url}/api/v2/version").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"the api-server does not answer: {log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium: Debian's package is chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def operator(chromium: Browser, served: Served) -> Iterator[BrowserContext]:
    """A logged-in user, in English."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(served.url)
    page.fill("input[name=username]", "operator")
    page.fill("input[name=password]", PASSWORDS["operator"])
    page.click("button[type=submit]")
    page.get_by_text("City lake").first.wait_for()
    page.close()
    yield context
    context.close()
