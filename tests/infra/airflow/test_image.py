"""The image and the chart's values: everything that they name exists."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.infra.airflow.conftest import INFRA, ROOT

DOCKERFILE = (INFRA / "Dockerfile").read_text("utf-8")
FINAL = DOCKERFILE.rpartition("\nFROM ")[2]


@pytest.fixture(scope="module")
def values() -> Any:
    return yaml.safe_load((INFRA / "helm/values.yaml").read_text("utf-8"))


def copied() -> list[str]:
    """The files that the build copies from the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [name for line in lines for name in line.split()[:-1]]


def test_what_the_image_copies_is_there_and_let_in() -> None:
    let_in = re.findall(r"^!(.+)$", (INFRA / "Dockerfile.dockerignore").read_text("utf-8"), re.MULTILINE)
    assert copied()
    assert [name for name in copied() if not list(ROOT.glob(name))] == []
    assert set(copied()) == set(let_in)


def test_the_image_has_every_package_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]) <= {
        name.partition("/")[0] for name in copied()
    }


def test_what_makes_the_wheel_is_locked() -> None:
    named = re.search(r"\^\(([\w|-]+)\)==", DOCKERFILE)
    assert named
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert [name for name in named[1].split("|") if not re.search(rf"^{name}==", lock, re.MULTILINE)] == []


def test_the_base_has_a_version_and_the_image_runs_as_nobody_special() -> None:
    assert re.search(r"^ARG PYTHON_IMAGE=python:\d+\.\d+\.\d+-\S+$", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^USER (?!0\b|root)\d+:", FINAL, re.MULTILINE)


def test_nothing_is_installed_without_a_hash_or_built_in_the_final_stage() -> None:
    installs = re.findall(r"pip install (.+)", DOCKERFILE)
    assert len(installs) == 5
    assert all("--require-hashes --only-binary :all:" in line or "--no-deps --no-index" in line for line in installs)
    assert not re.search(r"pip install|apt-get|compileall", FINAL)


def test_the_chart_and_compose_run_the_same_version(values: Any) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    airflow = re.findall(r"^apache-airflow==(\S+)", (ROOT / "requirements-airflow.lock").read_text(), re.MULTILINE)
    assert values["images"]["airflow"]["tag"] == values["defaultAirflowTag"] == version
    assert [values["airflowVersion"]] == airflow
    assert f"citylake:{version}" in (INFRA / "compose.yaml").read_text("utf-8")


def test_airflow_knows_every_setting_of_the_chart(values: Any, installed: Any) -> None:
    named = {each["name"].removeprefix("AIRFLOW__") for each in values["env"] if each["name"].startswith("AIRFLOW__")}
    own = {f"{section}__{name}".upper() for section, body in values["config"].items() for name in body}
    assert (named | own) - set(installed["options"]) == set()


def test_the_chart_holds_no_secret(values: Any) -> None:
    assert [each["name"] for each in values["env"] if re.search("PASSWORD$|SECRET|ACCESS_KEY", each["name"])] == []
    secrets = ("fernetKeySecretName", "apiSecretKeySecretName", "jwtSecretName")
    assert all(values[name] for name in secrets)
