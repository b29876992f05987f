"""What the environments of Spark are made of, and what is said where a server cannot run."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from citylake.infra.spark import spark_environments
from citylake.infra.spark.__main__ import main
from citylake.infra.spark.spark_environments import PACKAGES, SERVERS_LOCK, is_made, part_of_lock
from citylake.infra.spark.spark_servers import lacks_java, what_is_missing


def test_the_main_environment_has_no_pyspark() -> None:
    """Great Expectations would import it (decision 0014)."""
    assert importlib.util.find_spec("pyspark") is None


def test_each_server_installs_its_own_part_of_the_lock() -> None:
    text = SERVERS_LOCK.read_text("utf-8")
    for server, packages in PACKAGES.items():
        part = part_of_lock(text, packages)
        assert re.findall(r"^(\S+)==", part, re.MULTILINE) == sorted(packages), server
        assert part.count("--hash=sha256:") >= len(packages)


def test_a_package_that_the_lock_lacks_is_no_empty_environment() -> None:
    with pytest.raises(KeyError, match="pyspork"):
        part_of_lock(SERVERS_LOCK.read_text("utf-8"), ("pysail", "pyspork"))


def test_a_machine_without_java_is_told_what_apache_spark_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert lacks_java("sail") is None
    assert "default-jre-headless" in str(what_is_missing("apache"))
    assert main(["serve", "--server", "apache"]) == 1
    assert "default-jre-headless" in capsys.readouterr().err


def test_an_environment_of_another_lock_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lock = tmp_path / "servers.lock"
    lock.write_text("pysail==1.0\n")
    monkeypatch.setattr(spark_environments, "SPARK_HOME", tmp_path)
    monkeypatch.setattr(spark_environments, "SERVERS_LOCK", lock)
    assert not is_made("sail")
    (tmp_path / "sail").mkdir()
    (tmp_path / "sail" / "installed").write_text(spark_environments.digest("sail"))
    assert is_made("sail")
    lock.write_text("pysail==2.0\n")
    assert not is_made("sail")
