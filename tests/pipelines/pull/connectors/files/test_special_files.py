"""What is no file of the drop folder is refused by its name: links that lead out, FIFOs, sockets, swapped files."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.pull.connectors.files import source_file
from citylake.pipelines.pull.connectors.files.local_files import open_local_file
from citylake.schemas.words.errors import CitylakeError

BODY = b"a\n1\n"


@pytest.fixture
def inbox(puller: Any) -> Path:
    folder: Path = puller.workspace / "in"
    folder.mkdir()
    (folder / "x.csv").write_bytes(BODY)
    return folder


def outcomes(receipts: list[Any]) -> dict[str, str]:
    return {receipt.name: receipt.problem.code if receipt.problem else receipt.status for receipt in receipts}


def test_a_link_that_leads_out_is_refused_and_the_others_are_read(puller: Any, inbox: Path) -> None:
    secret = puller.workspace / "secret.csv"
    secret.write_bytes(b"a\nhush\n")
    (inbox / "out.csv").symlink_to(secret)
    (inbox / "up.csv").symlink_to("../secret.csv")
    assert outcomes(puller(path="in/*.csv")) == {
        "out.csv": "SYMLINK_OUTSIDE",
        "up.csv": "SYMLINK_OUTSIDE",
        "x.csv": "received",
    }
    assert outcomes(puller(path="in/out.csv")) == {"out.csv": "SYMLINK_OUTSIDE"}
    assert not any(b"hush" in path.read_bytes() for path in puller.landed())
    assert outcomes(puller(path="in/out.csv", links="follow")) == {"out.csv": "received"}


def test_a_link_inside_the_folder_and_a_folder_that_is_a_link_itself_are_read(puller: Any, inbox: Path) -> None:
    (inbox / "day").mkdir()
    (inbox / "day/y.csv").write_bytes(BODY)
    (inbox / "latest.csv").symlink_to("day/y.csv")
    (puller.workspace / "current").symlink_to("in")
    assert outcomes(puller(path="current/latest.csv")) == {"latest.csv": "received"}


def test_linked_folders_are_not_searched_so_that_a_circle_has_an_end(puller: Any, inbox: Path) -> None:
    for name in ("one", "two", "three"):
        (inbox / name).symlink_to(inbox)
    (inbox / "etc").symlink_to("/etc")
    assert outcomes(puller(path="in/**/*.csv")) == {"x.csv": "received"}
    assert outcomes(puller(path="in/*")) == {"etc": "SYMLINK_OUTSIDE", "x.csv": "received"}


@pytest.mark.parametrize("path", ["in/*.csv", "in/pipe.csv"])
def test_a_fifo_is_refused_and_nothing_waits_for_it(puller: Any, inbox: Path, path: str) -> None:
    os.mkfifo(inbox / "pipe.csv")
    assert outcomes(puller(path=path))["pipe.csv"] == "FILE_SPECIAL"


def test_a_socket_and_a_device_are_refused(
    puller: Any, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(inbox)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.csv")
        (inbox / "zero.csv").symlink_to("/dev/zero")
        found = outcomes(puller(path="in/*.csv", links="follow"))
    assert found == {"s.csv": "FILE_SPECIAL", "x.csv": "received", "zero.csv": "FILE_SPECIAL"}


def test_a_fifo_for_a_flag_or_a_checksum_stops_only_its_file(puller: Any, inbox: Path) -> None:
    (inbox / "y.csv").write_bytes(BODY)
    os.mkfifo(inbox / "y.csv.md5")
    found = outcomes(puller(path="in/*.csv", checksum={"md5": ".md5"}))
    assert found == {"x.csv": "FILE_WAITS", "y.csv": "FILE_SPECIAL"}


def test_a_file_that_becomes_a_fifo_or_a_link_before_it_is_opened_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_bytes(b"hush")
    (tmp_path / "in/link").symlink_to(tmp_path / "secret")
    for path, code in (("pipe", "FILE_SPECIAL"), ("in/link", "SYMLINK_OUTSIDE")):
        with pytest.raises(CitylakeError) as caught:
            open_local_file(str(tmp_path / path), path, str(tmp_path / "in") if "/" in path else None)
        assert caught.value.code == code


@pytest.mark.parametrize("change", ["rewritten in place", "swapped", "swapped before it is opened"])
def test_a_change_that_leaves_size_and_time_is_seen(
    puller: Any, inbox: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path, times = inbox / "x.csv", (1_700_000_000_000_000_000, 1_700_000_000_000_000_000)
    os.utime(path, ns=times)

    def alter() -> None:
        target = path if change == "rewritten in place" else inbox / "x.new"
        target.write_bytes(b"a\n2\n")
        os.utime(target, ns=times)
        if target != path:
            target.replace(path)

    name = "_opened_local" if change == "swapped before it is opened" else "read"
    plain = getattr(source_file.FileReader, name)

    def meanwhile(self: Any, *given: Any) -> Any:
        if change == "swapped before it is opened":
            alter()
            return plain(self, *given)
        chunk = plain(self, *given)
        alter()
        return chunk

    monkeypatch.setattr(source_file.FileReader, name, meanwhile)
    (receipt,) = puller(path="in/x.csv")
    assert receipt.status in ("failed", "incomplete")
    assert receipt.problem.code == "FILE_REPLACED"
    monkeypatch.undo()
    (receipt,) = puller(path="in/x.csv")
    assert receipt.status == "received"
    assert Path(receipt.landing[0]).read_bytes() == b"a\n2\n"
