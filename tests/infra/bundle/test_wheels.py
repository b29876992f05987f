"""The wheels that a bundle contains."""

from __future__ import annotations

import re
from pathlib import Path

from citylake.infra.bundle.wheels import locked_requirements, wheel_platforms

LOCK = """# a title
always==1.0 \\
    --hash=sha256:aa
early==2.0 ; python_full_version < '3.11.3' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
elsewhere==3.0 ; sys_platform == 'win32' \\
    --hash=sha256:dd
later==4.0 ; python_full_version >= '3.12' \\
    --hash=sha256:ee
"""


def test_what_any_release_of_the_python_needs_is_in_it() -> None:
    entries = list(locked_requirements(LOCK, "3.11"))
    assert [name for entry in entries for name in re.findall(r"^(\w+)==", entry, re.MULTILINE)] == ["always", "early"]
    assert "early==2.0 " in entries[-1]
    assert entries[-1].count("--hash") == 2
    assert "later" in "".join(locked_requirements(LOCK, "3.12"))


def test_the_locks_are_taken_whole_but_for_what_is_for_other_systems(root: Path) -> None:
    for name in ("requirements-run.lock", "requirements-airflow.lock"):
        lock = (root / name).read_text(encoding="utf-8")
        entries = list(locked_requirements(lock, "3.13"))
        pins = re.findall(r"^[a-z0-9][^\s]*==", lock, re.MULTILINE)
        assert 0.9 * len(pins) < len(entries) <= len(pins) + 1
        assert not any(";" in entry.split("\n")[0] for entry in entries if not entry.startswith("#"))


def test_wheels_for_a_newer_system_are_not_taken() -> None:
    named = wheel_platforms(28, "x86_64")
    assert "manylinux_2_28_x86_64" in named
    assert "manylinux2014_x86_64" in named
    assert "manylinux_2_34_x86_64" not in named
