"""Bundles of one tiny wheel for tests of ``install.sh``, which runs without this environment's variables."""

from __future__ import annotations

import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from citylake.infra.bundle.bundle_seal import seal_bundle

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
BASE = Path(sys.base_prefix, "bin", f"python{PYTHON}")
PROGRAM = """
import sys

def entry():
    print("citylake {version}")
    sys.exit("lint" in sys.argv and {lint})
"""


def tiny(folder: Path, version: str, lint: int = 0) -> Path:
    """A wheel named citylake that prints its version; ``lint`` is the exit code of its lint."""
    info = f"citylake-{version}.dist-info"
    files = {
        "tiny_citylake.py": PROGRAM.format(version=version, lint=lint),
        "citylake/dags/__init__.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: citylake\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\ncitylake = tiny_citylake:entry\n",
    }
    path = folder / f"citylake-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD")))
    return path


class Place:
    """Below ``root``: bundles, an empty home, and ``to``, where they are installed."""

    def __init__(self, root: Path) -> None:
        self.root, self.to = root, root / "to"

    def bundle(self, version: str, lint: int = 0, /, **facts: str) -> Path:
        """Build a bundle of a version; its facts may differ from this machine's."""
        folder = self.root / f"bundle {version}"
        (folder / "wheels").mkdir(parents=True)
        for page in ("README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE"):
            (folder / page).write_text(version)
        for name in ("docs", "workspaces"):
            (folder / name).mkdir()
            (folder / name / "page.md").write_text(version)
        here = {"VERSION": version, "SET": "run", "MACHINE": platform.machine(), "GLIBC": "2.17", "PYTHON": PYTHON}
        seal_bundle(folder, "", tiny(folder / "wheels", version, lint), here | facts)
        return folder

    def install(self, bundle: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``install.sh`` of a bundle as a user with an empty home."""
        home = self.root / "home"
        home.mkdir(exist_ok=True)
        environment = {"PATH": f"{BASE.parent}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", **variables}
        command = ["sh", str(bundle / "install.sh"), "--to", str(self.to), *options]
        return subprocess.run(command, env=environment, cwd=self.root, capture_output=True, text=True, check=False)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)
