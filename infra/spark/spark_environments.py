"""The Python environments of Spark: one for each server, and one for the client.

They are apart from the main environment, because great-expectations imports pyspark wherever it is installed
(decision 0014). The client's environment adds the packages of ``requirements-spark.lock`` to those of the main one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Literal

REPOSITORY_ROOT = Path(__file__).resolve().parents[2]
SPARK_HOME = REPOSITORY_ROOT / "build" / "spark"
CLIENT_LOCK = REPOSITORY_ROOT / "requirements-spark.lock"
SERVERS_LOCK = REPOSITORY_ROOT / "requirements-spark-servers.lock"
JRE_PACKAGE = "default-jre-headless"
"""Debian's package of the Java runtime; Spark 4 needs Java 17 or newer."""

Server = Literal["sail", "apache"]
Environment = Literal["client", "sail", "apache"]
PACKAGES: dict[Server, tuple[str, ...]] = {"sail": ("pysail",), "apache": ("pyspark", "py4j")}
"""The packages of each server, pinned in ``requirements-spark-servers.lock``."""


def spark_python(name: Environment) -> Path:
    """The interpreter of an environment, whether or not it has been made."""
    return SPARK_HOME / name / "bin" / "python"


def is_made(name: Environment) -> bool:
    """Whether an environment has the packages that its lock names now."""
    mark = SPARK_HOME / name / "installed"
    return mark.is_file() and mark.read_text() == digest(name)


def java() -> str | None:
    """The Java runtime: of ``JAVA_HOME``, or on the path."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")


def make_client() -> None:
    """Make the client's environment: pip finds the main environment's packages there, and installs only the others.

    Raises CalledProcessError where pip fails.
    """
    _make("client", ("-r", str(CLIENT_LOCK)), _add_main_packages)


def make_server(server: Server) -> None:
    """Make the environment of a server. Raises CalledProcessError where pip fails."""
    with tempfile.NamedTemporaryFile("w", suffix=".lock") as lock:
        lock.write(part_of_lock(SERVERS_LOCK.read_text("utf-8"), PACKAGES[server]))
        lock.flush()
        _make(server, ("--no-deps", "-r", lock.name))


def _make(name: Environment, words: tuple[str, ...], prepare: Callable[[Path], None] | None = None) -> None:
    home = SPARK_HOME / name
    venv.create(home, with_pip=True, clear=True)
    if prepare:
        prepare(home)
    pip = (str(spark_python(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run((*pip, "--require-hashes", *words), check=True, stdout=sys.stderr)  # noqa: S603 (our own lock)
    (home / "installed").write_text(digest(name))


def _add_main_packages(home: Path) -> None:
    """A .pth file: site-packages of this interpreter come after the environment's own."""
    folder = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    line = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    Path(folder, "main_environment.pth").write_text(line)


def part_of_lock(text: str, packages: tuple[str, ...]) -> str:
    """The entries of ``packages`` in a lock, with their hashes. Raises KeyError if one has none."""
    entries = {entry.partition("==")[0]: entry for entry in re.split(r"\n(?=[a-z0-9])", text)}
    return "\n".join(entries[name] for name in sorted(packages)) + "\n"


def digest(name: Environment) -> str:
    """Of what an environment is made of: where any of it changes, the environment is made anew."""
    lock, beside = (CLIENT_LOCK, sys.prefix) if name == "client" else (SERVERS_LOCK, "")
    return hashlib.sha256(lock.read_bytes() + beside.encode() + sys.version.encode()).hexdigest()
