"""Promises of the repository itself: what is locked, what is shipped, and what its pages say."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-run.lock", "requirements-airflow.lock", "requirements-spark.lock")
PROGRAM_LOCKS = ("requirements-fields.lock", "requirements-spark-servers.lock")
"""Of a few programs that no code imports."""
DATA = (
    "CHANGELOG.md",
    "LICENSE",
    "schemas/sql/duckdb_functions.txt",
    "schemas/sql/spatial_functions.txt",
    *LOCKS,
    *PROGRAM_LOCKS,
)
# Written in parts, so that this file does not break its own rule.
MACHINE = re.compile(
    r"(?<![\w.:/}])/(?:" + "|".join(("ro" + "ot", "wo" + "rk", r"ho" + r"me/\w", r"Us" + r"ers/\w")) + r")/\w"
)
INDEX = re.compile(
    "|".join(("py" + r"pi\.", "python" + r"hosted", "mirrors?" + r"\.", "^--(?:extra-)?index" + "-url")), re.MULTILINE
)


@pytest.fixture(scope="module")
def tracked() -> dict[str, str]:
    """Every tracked text file by its path."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    files = (name for name in names.split("\0") if name and (ROOT / name).is_file())
    return {name: text for name in files if (text := _text(ROOT / name)) is not None}


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def _pins(lock: str) -> set[str]:
    return set(
        re.findall(r"^([a-z0-9][\w.\-\[\]]*==\S+(?: ; [^\\\n]+?)?) *\\?$", (ROOT / lock).read_text(), re.MULTILINE)
    )


@pytest.mark.parametrize("lock", [*LOCKS, *PROGRAM_LOCKS])
def test_lock_has_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not INDEX.search(text)


@pytest.mark.parametrize("lock", [*LOCKS, *PROGRAM_LOCKS])
def test_every_locked_package_has_one_version_and_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())[1:]
    assert len(entries) > 50 or lock in PROGRAM_LOCKS
    assert [entry for entry in entries if "==" not in entry.split("\n")[0] or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", ["requirements-run.lock", "requirements-airflow.lock"])
def test_what_is_installed_has_the_versions_that_the_tests_saw(lock: str) -> None:
    full = {pin.split(" ; ")[0] for pin in _pins("requirements.lock")}
    assert {pin.split(" ; ")[0] for pin in _pins(lock)} <= full


def test_production_installs_nothing_that_only_tests_need() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = {name: {re.split(r"[<>=\[ ]", each)[0].lower() for each in extras[name]} for name in extras}
    locked = {pin.split("==")[0] for pin in _pins("requirements-airflow.lock")}
    assert named["airflow"] | named["kubernetes"] | named["quality"] | named["connectors"] | named["geo"] <= locked
    assert {"pytest", "playwright", "moto", "ruff", "mypy", "hatchling"} & locked == set()


def test_what_is_shipped_has_nothing_under_the_eupl() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = {re.split(r"[<>=\[ ]", each)[0] for each in extras["disclosure"]}
    assert named == {"pytauargus"}
    assert named <= {pin.split("==")[0] for pin in _pins("requirements.lock")}
    for lock in set(LOCKS) - {"requirements.lock"}:
        assert named & {pin.split("==")[0] for pin in _pins(lock)} == set(), lock


def test_lock_holds_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(name for extra in extras if extra != "spark" for name in extras[extra])]
    locked = {pin.split("==")[0] for pin in _pins("requirements.lock")}
    assert {re.split(r"[<>=\[ ]", name)[0].lower() for name in wanted} - locked == set()


def test_no_file_names_a_machine(tracked: dict[str, str]) -> None:
    assert {name: found[0] for name, text in tracked.items() if (found := MACHINE.search(text))} == {}


def test_no_file_names_a_package_index(tracked: dict[str, str]) -> None:
    assert {name: found[0] for name, text in tracked.items() if (found := INDEX.search(text))} == {}


def test_files_stay_short_enough_to_read(tracked: dict[str, str]) -> None:
    lines = {name: text.count("\n") for name, text in tracked.items() if name not in DATA}
    long = {name: count for name, count in lines.items() if count > (350 if name.endswith(".py") else 600)}
    assert long == {}


def _commands(page: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    lines = (line.split("#")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


def test_both_readmes_give_the_same_commands() -> None:
    assert _commands("README.md") == _commands("README.zh-CN.md")
    assert {"make run", "make test"} <= set(_commands("README.md"))


def test_both_readmes_give_the_same_declarations() -> None:
    english, chinese = (
        [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)]
        for page in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese


def test_links_between_pages_lead_somewhere(tracked: dict[str, str]) -> None:
    links = [
        (name, link)
        for name, text in tracked.items()
        if name.endswith(".md")
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)
    ]
    assert links
    assert [(name, link) for name, link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


def test_every_test_file_is_collected(tracked: dict[str, str]) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-s",
        "-p",
        "tests.collected",
        "-p",
        "no:cacheprovider",
    ]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True).stdout
    collected = {
        Path(line).relative_to(ROOT).as_posix() for line in re.findall(r"^collected (/.+\.py)$", said, re.MULTILINE)
    }
    assert collected >= {name for name in tracked if re.search(r"^tests/(?:.+/)?test_[^/]*\.py$", name)}


def test_no_folder_has_a_name_that_tools_skip(tracked: dict[str, str]) -> None:
    skipped = {"build", "dist", "env", "venv", "node_modules"}
    assert {name for name in tracked if skipped & set(name.split("/")[:-1])} == set()


def test_changelog_begins_with_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == version


def test_pre_commit_fetches_nothing() -> None:
    repos = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert {repo["repo"] for repo in repos} == {"local"}
