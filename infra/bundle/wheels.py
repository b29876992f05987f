"""The wheels of a bundle: those of a lock file, for one Python and the oldest supported system, and citylake's own."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from packaging.markers import Marker

_OLDEST = 5
"""The first glibc 2.x that has a platform tag."""


def wheel_platforms(glibc: int, machine: str) -> list[str]:
    """Platform tags of wheels that run on glibc 2.``glibc``, the newest first."""
    named = [f"manylinux_2_{minor}" for minor in range(glibc, _OLDEST - 1, -1)]
    return [f"{name}_{machine}" for name in (*named, "manylinux2014", "manylinux2010", "manylinux1", "linux")]


def locked_requirements(lock: str, python: str) -> Iterator[str]:
    """The entries of a lock file that apply to a release of ``python`` (such as 3.11) here, without their markers.

    The machine that installs may have another patch release than the one that builds the bundle.
    """
    releases = ({"python_full_version": f"{python}.{last}", "python_version": python} for last in (0, 99))
    environments = list(releases)
    for entry in re.split(r"\n(?=[a-z0-9])", lock):
        found = re.match(r"(\S+==\S+) ; ([^\\\n]+)", entry)
        if found is None or any(Marker(found[2].strip()).evaluate(each) for each in environments):
            yield entry if found is None else f"{found[1]} {entry[found.end() :]}"


def download_wheels(lock: Path, folder: Path, glibc: int) -> None:
    """Download the wheels that ``lock`` names and verify their hashes; raises CalledProcessError if one is missing."""
    python, version = "{}.{}".format(*sys.version_info), "{}{}".format(*sys.version_info)
    asked = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(folder)]
    asked += ["--python-version", python, "--implementation", "cp"]
    asked += [word for abi in (f"cp{version}", "abi3", "none") for word in ("--abi", abi)]
    asked += [word for system in wheel_platforms(glibc, platform.machine()) for word in ("--platform", system)]
    with NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as wanted:
        wanted.write("\n".join(locked_requirements(lock.read_text(encoding="utf-8"), python)))
        wanted.flush()
        command = [sys.executable, "-m", "pip", "download", *asked, "--requirement", wanted.name]
        subprocess.run(command, check=True)  # noqa: S603


def build_citylake_wheel(root: Path, folder: Path) -> Path:
    """Build the wheel of citylake itself from the repository at ``root``."""
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])
    return Path(built)
