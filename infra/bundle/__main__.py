"""``python -m infra.bundle``: make the archive, from the repository, with the Python that it is for."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from infra.bundle.seal import pack, seal
from infra.bundle.wheels import download, own
from schemas.catalogue import word

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE", "docs", "workspaces")


class Set(StrEnum):
    """What is installed, by the lock that says it."""

    AIRFLOW = "airflow"
    RUN = "run"


app = typer.Typer(add_completion=False, help=__doc__)


@app.command()
def bundle(
    chosen: Annotated[
        Set, typer.Option("--set", help="airflow: all that production needs; run: the core and the demonstration.")
    ] = Set.AIRFLOW,
    glibc: Annotated[int, typer.Option(help="N of the oldest glibc 2.N that it must run on.")] = 28,
    folder: Annotated[Path, typer.Option(help="Where the archive goes.")] = Path("dist"),
) -> None:
    """Collect the wheels of a lock, citylake, its pages, and install.sh in one archive."""
    lock = ROOT / f"requirements-{chosen}.lock"
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}-linux_{platform.machine()}"
    with tempfile.TemporaryDirectory(prefix="citylake-bundle-") as scratch:
        wheels = Path(scratch, "wheels")
        wheels.mkdir()
        download(lock, wheels, glibc)
        wheel = own(ROOT, wheels)
        version = wheel.name.split("-")[1]
        name = f"citylake-{version}-{chosen}-{tag}"
        stage = Path(scratch, name)
        stage.mkdir()
        wheels.rename(stage / "wheels")
        _pages(stage)
        facts = {"VERSION": version, "SET": str(chosen), "MACHINE": platform.machine(), "GLIBC": f"2.{glibc}"}
        facts["PYTHON"] = f"{sys.version_info.major}.{sys.version_info.minor}"
        seal(stage, lock.read_text(encoding="utf-8"), stage / "wheels" / wheel.name, facts)
        archive = folder / f"{name}.tar.gz"
        pack(stage, archive)
        count = len(list((stage / "wheels").iterdir()))
    size = archive.stat().st_size / 1e6
    typer.echo(word("bundle.made", archive=archive, wheels=count, size=f"{size:,.0f} MB", glibc=f"2.{glibc}"))


def _pages(stage: Path) -> None:
    for name in PAGES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, stage / name)
        else:
            shutil.copyfile(ROOT / name, stage / name)


if __name__ == "__main__":
    app(prog_name="python -m infra.bundle")
