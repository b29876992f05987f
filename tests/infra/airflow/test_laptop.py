"""``make airflow`` where something is in its way: a sentence in both languages, never a traceback."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import namedtuple
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from citylake.infra.airflow import __main__ as command
from citylake.infra.airflow import laptop
from citylake.infra.airflow.home_folder import choose_port, sole_use
from citylake.infra.airflow.native_services import LOOPBACK, REPOSITORY_ROOT
from citylake.schemas.words.errors import CitylakeError

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _signals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "interrupt_on_sigterm", lambda: None)
    monkeypatch.setattr(command, "quiet_retries", lambda: None)


def start(home: Path, *options: str) -> Result:
    return CliRunner().invoke(command.app, ["--home", str(home), *options])


def failed(result: Result, *words: str) -> None:
    assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.output


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = str(taken.getsockname()[1])
        failed(start(tmp_path / "a", "--port", port), f"Port {port} is in use", f"端口 {port}", "ss -ltnp")
        assert choose_port(None) != int(port)


def test_a_second_one_beside_the_first_is_told(tmp_path: Path) -> None:
    with sole_use(tmp_path):
        failed(start(tmp_path), f"kill -INT {os.getpid()}", "--home")
    with sole_use(tmp_path):
        pass


def test_a_full_disk_is_told_before_and_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(laptop, "_password", full)
        failed(start(tmp_path), "500 MB are needed", "所在磁盘")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 3_000_000))
    failed(start(tmp_path), "has 3 MB left", "只剩 3 MB")


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    failed(start(tmp_path / "file"), "cannot be used", "无法使用文件夹", str(tmp_path / "file"))


def test_what_nobody_has_foreseen_is_one_sentence_and_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(laptop, "standing_city", broken)
    failed(start(tmp_path), "KeyError: 'surprise'", str(tmp_path / "laptop.log"), "未预料")
    assert "Traceback" in (tmp_path / "laptop.log").read_text("utf-8")


def test_a_database_that_cannot_be_made_is_told_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laptop, "standing_city", lambda _: nullcontext({}))
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    failed(start(tmp_path), str(tmp_path / "prepare.log"), "prepare did not start")


def test_ctrl_c_while_it_prepares_ends_it_cleanly(tmp_path: Path) -> None:
    home = tmp_path / "home"
    words = [sys.executable, "-m", "citylake.infra.airflow", "--home", str(home)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY_ROOT)}
    with subprocess.Popen(words, env=environment, stdout=-1, stderr=subprocess.STDOUT, text=True) as started:
        until = time.monotonic() + 60
        while not (home / "prepare.log").exists() and started.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        started.send_signal(signal.SIGINT)
        said = started.communicate(timeout=60)[0]
    assert started.returncode == 0, said
    assert "Stopped" in said
    assert "Traceback" not in said
    until = time.monotonic() + 20
    while left := [process for process in Path("/proc").glob("[0-9]*") if str(home) in environ(process)]:
        assert time.monotonic() < until, left
        time.sleep(0.05)


def environ(process: Path) -> str:
    try:
        return (process / "environ").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def test_a_lock_is_not_left_by_an_error(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError, match="x"), sole_use(tmp_path):
        raise CitylakeError("AIRFLOW_UNEXPECTED", why="x", log="y")
    with sole_use(tmp_path):
        assert (tmp_path / "lock").read_text("utf-8") == str(os.getpid())
