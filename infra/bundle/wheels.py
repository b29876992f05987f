"""The wheels of a bundle: those of a lock, for one Python and the oldest system promised, and citylake's own."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

_OLDEST = 5
"""The first glibc 2.x that wheels are named for."""


def systems(glibc: int, machine: str) -> list[str]:
    """The names of systems whose wheels run where there is glibc 2.``glibc``, the newest first."""
    named = [f"manylinux_2_{minor}" for minor in range(glibc, _OLDEST - 1, -1)]
    return [f"{name}_{machine}" for name in (*named, "manylinux2014", "manylinux2010", "manylinux1", "linux")]


def download(lock: Path, folder: Path, glibc: int) -> None:
    """The wheels that ``lock`` names, each of one of its hashes. CalledProcessError where one cannot be had."""
    version = f"{sys.version_info.major}{sys.version_info.minor}"
    asked = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(folder)]
    asked += ["--python-version", f"{sys.version_info.major}.{sys.version_info.minor}", "--implementation", "cp"]
    asked += [word for abi in (f"cp{version}", "abi3", "none") for word in ("--abi", abi)]
    asked += [word for system in systems(glibc, platform.machine()) for word in ("--platform", system)]
    command = [sys.executable, "-m", "pip", "download", *asked, "--requirement", str(lock)]
    subprocess.run(command, check=True)  # noqa: S603


def own(root: Path, folder: Path) -> Path:
    """The wheel of citylake itself, built from the repository at ``root``."""
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])
    return Path(built)
