"""``python -m citylake.infra.bundle``: build the archive from the repository, with the Python it is for."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from citylake.infra.bundle.bundle_seal import pack_bundle, seal_bundle
from citylake.infra.bundle.wheels import build_citylake_wheel, download_wheels
from citylake.schemas.words.message_catalogue import translate_key

BUNDLE_ROOT = Path(__file__).resolve().parents[2]
BUNDLE_PAGES = ("README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE", "docs", "workspaces")


class BundleSet(StrEnum):
    """What is installed, and the lock file that lists it."""

    AIRFLOW = "airflow"
    RUN = "run"


app = typer.Typer(add_completion=False, help=__doc__)


@app.command()
def bundle(
    chosen: Annotated[
        BundleSet,
        typer.Option("--set", help="airflow: all that production needs; run: the core and the demonstration."),
    ] = BundleSet.AIRFLOW,
    glibc: Annotated[int, typer.Option(help="N of the oldest supported glibc 2.N.")] = 28,
    folder: Annotated[Path, typer.Option(help="The folder that the archive is written to.")] = Path("dist"),
) -> None:
    """Collect the wheels of a lock, citylake, its pages, and install.sh in one archive."""
    lock = BUNDLE_ROOT / f"requirements-{chosen}.lock"
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}-linux_{platform.machine()}"
    with tempfile.TemporaryDirectory(prefix="citylake-bundle-") as scratch:
        wheels = Path(scratch, "wheels")
        wheels.mkdir()
        download_wheels(lock, wheels, glibc)
        wheel = build_citylake_wheel(BUNDLE_ROOT, wheels)
        version = wheel.name.split("-")[1]
        name = f"citylake-{version}-{chosen}-{tag}"
        stage = Path(scratch, name)
        stage.mkdir()
        wheels.rename(stage / "wheels")
        _pages(stage)
        facts = {"VERSION": version, "SET": str(chosen), "MACHINE": platform.machine(), "GLIBC": f"2.{glibc}"}
        facts["PYTHON"] = f"{sys.version_info.major}.{sys.version_info.minor}"
        seal_bundle(stage, lock.read_text(encoding="utf-8"), stage / "wheels" / wheel.name, facts)
        archive = folder / f"{name}.tar.gz"
        pack_bundle(stage, archive)
        count = len(list((stage / "wheels").iterdir()))
    size = archive.stat().st_size / 1e6
    typer.echo(translate_key("bundle.made", archive=archive, wheels=count, size=f"{size:,.0f} MB", glibc=f"2.{glibc}"))


def _pages(stage: Path) -> None:
    for name in BUNDLE_PAGES:
        if (BUNDLE_ROOT / name).is_dir():
            shutil.copytree(BUNDLE_ROOT / name, stage / name)
        else:
            shutil.copyfile(BUNDLE_ROOT / name, stage / name)


if __name__ == "__main__":
    app(prog_name="python -m citylake.infra.bundle")
