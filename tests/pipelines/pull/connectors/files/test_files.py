"""``files``: what lands is what lay there, once, and every attempt leaves a receipt."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.pull.connectors.files.file_listing import delivery_order
from tests.thorough import examples


def write(path: Path, body: bytes = b"a\n1\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def only(receipts: list[Any]) -> Any:
    (receipt,) = receipts
    return receipt


def test_bytes_land_exactly_with_their_hash(puller: Any) -> None:
    body = bytes(range(256)) * 9000
    write(puller.workspace / "in/x.csv", body)
    receipt = only(puller(path="in/x.csv"))
    assert (receipt.status, receipt.source, receipt.name) == ("received", "in/x.csv", "x.csv")
    assert (receipt.sha256, receipt.size_bytes) == (hashlib.sha256(body).hexdigest(), len(body))
    assert [path.read_bytes() for path in puller.landed()] == [body]
    assert [str(path) for path in puller.landed()] == list(receipt.landing)


def test_files_come_in_natural_order_and_keep_their_folders_apart(puller: Any) -> None:
    for name in ("day10.csv", "day2.csv", "b/day2.csv", "note.txt"):
        write(puller.workspace / "in" / name, name.encode())
    assert [receipt.name for receipt in puller(path="in/**/*.csv")] == ["b/day2.csv", "day2.csv", "day10.csv"]
    assert [receipt.name for receipt in puller(path=["in/day10.csv", "in/day?.csv"])] == ["day2.csv", "day10.csv"]


def test_what_editors_leave_behind_is_not_a_source(puller: Any) -> None:
    for name in ("~$x.csv", ".x.csv", "x.csv"):
        write(puller.workspace / name)
    assert [receipt.name for receipt in puller(path="*.csv")] == ["x.csv"]


def test_the_same_bytes_again_leave_no_second_copy(puller: Any) -> None:
    write(puller.workspace / "x.csv")
    first = only(puller(path="x.csv"))
    puller.known = {(first.name, first.sha256): first.id}
    again = only(puller(path="x.csv"))
    assert (again.status, again.same_as, again.landing, again.problem) == ("unchanged", first.id, (), None)
    assert [str(path) for path in puller.landed()] == list(first.landing)


def test_the_same_bytes_under_another_name_are_another_source_if_the_contract_says_so(puller: Any) -> None:
    write(puller.workspace / "x.csv")
    write(puller.workspace / "y.csv")
    assert [receipt.status for receipt in puller(path="*.csv")] == ["received", "unchanged"]
    assert [receipt.status for receipt in puller(path="*.csv", same_bytes="more")] == ["received", "received"]


def test_a_pattern_without_files_fails_and_the_others_go_on(puller: Any) -> None:
    write(puller.workspace / "x.csv")
    lost, found = puller(path=["none/*.csv", "x.csv"])
    assert (lost.status, lost.problem.code, lost.problem.values["source"]) == ("failed", "SOURCE_NO_FILE", "none/*.csv")
    assert found.status == "received"


def test_a_folder_is_not_a_file(puller: Any) -> None:
    (puller.workspace / "in").mkdir()
    assert only(puller(path="in")).problem.code == "SOURCE_IS_FOLDER"


def test_variables_and_defaults_fill_paths(puller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(puller.workspace / "in/x.csv")
    puller.given["PLACE"] = "in"
    assert only(puller(path="${PLACE}/x.csv")).status == "received"
    assert only(puller(path="${NOWHERE:-in}/x.csv")).status == "received"
    assert only(puller(path="${NOWHERE}/x.csv")).problem.values == {"variable": "NOWHERE"}
    monkeypatch.setenv("CITYLAKE_CONN_X", "hush")
    assert only(puller(path="${CITYLAKE_CONN_X}/x.csv")).problem.code == "VARIABLE_SECRET"
    monkeypatch.setenv("ELSEWHERE", "in")
    assert only(puller(path="${ELSEWHERE}/x.csv")).problem.code == "VARIABLE_NOT_NAMED"


def test_a_bracket_in_a_name_is_not_a_pattern(puller: Any) -> None:
    write(puller.workspace / "data[1].csv")
    assert only(puller(path="data[1].csv")).status == "received"


def test_any_fsspec_url_is_a_source(puller: Any) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/x.csv", b"a\n1\n")
    receipt = only(puller(path="memory://bucket/*.csv"))
    assert (receipt.status, receipt.source, receipt.name) == ("received", "memory://bucket/x.csv", "x.csv")
    memory.rm("/bucket", recursive=True)


def test_a_chain_of_stores_is_refused(puller: Any) -> None:
    with pytest.raises(ValidationError, match="chain of file systems"):
        puller(path="simplecache::sftp://host/x.csv")


def test_an_unknown_scheme_is_told(puller: Any) -> None:
    assert only(puller(path="nosuch://user:hush@bucket/x.csv")).problem.code == "SOURCE_UNREADABLE"


def test_a_file_over_the_limit_is_refused(puller: Any) -> None:
    write(puller.workspace / "x.csv", b"x" * 11)
    receipt = only(puller(path="x.csv", max_bytes=10))
    assert (receipt.status, receipt.problem.code) == ("failed", "SOURCE_TOO_LARGE")
    assert puller.landed() == []


def test_each_member_of_a_zip_is_its_own_receipt(puller: Any, zipped: Any) -> None:
    zipped(puller.workspace / "x.zip", {"a/2.csv": b"2", "a/10.csv": b"10", "b.csv": b"b", "a/n.txt": b"n"})
    receipts = puller(path="x.zip", member="a/*.csv")
    assert [(r.source, r.name) for r in receipts] == [("x.zip!a/2.csv", "a/2.csv"), ("x.zip!a/10.csv", "a/10.csv")]
    assert [path.read_bytes() for receipt in receipts for path in map(Path, receipt.landing)] == [b"2", b"10"]
    assert len(puller(path="*.zip", member="**/*.csv")) == 3


def test_folders_of_a_zip_are_part_of_the_pattern(puller: Any, zipped: Any) -> None:
    names = ("data\\a.csv", "data/b.csv", "__MACOSX/data/._b.csv", "data/._c.csv")
    zipped(puller.workspace / "x.zip", {name: name.encode() for name in names})
    assert [r.name for r in puller(path="x.zip", member="**/*.csv")] == ["data/a.csv", "data/b.csv"]
    assert [r.name for r in puller(path="x.zip", member="data/a*")] == ["data/a.csv"]
    problem = only(puller(path="x.zip", member="*.csv")).problem
    assert (problem.code, problem.values["members"]) == ("ZIP_NO_MEMBER", "data/a.csv, data/b.csv")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_a_zip_has_twice_is_refused_and_the_others_are_read(puller: Any) -> None:
    with zipfile.ZipFile(puller.workspace / "x.zip", "w") as archive:
        for name, body in (("a.csv", b"1"), ("b.csv", b"b"), ("a.csv", b"2"), ("c.csv", b"c"), ("c.csv", b"c")):
            archive.writestr(name, body)
    receipts = puller(path="x.zip", member="*.csv")
    assert [(r.name, r.status) for r in receipts] == [("a.csv", "failed"), ("b.csv", "received"), ("c.csv", "received")]
    assert (receipts[0].problem.code, receipts[0].problem.values["member"]) == ("ZIP_MEMBER_TWICE", "a.csv")


def test_members_of_one_name_are_told_apart_by_their_zips(puller: Any, zipped: Any) -> None:
    for month in ("2026-01", "2026-02"):
        zipped(puller.workspace / f"{month}.zip", {"data.csv": month.encode()})
    receipts = puller(path="*.zip", member="*.csv")
    assert [(receipt.name, receipt.status) for receipt in receipts] == [
        ("2026-01.zip!data.csv", "received"),
        ("2026-02.zip!data.csv", "received"),
    ]


def test_a_lake_may_be_an_object_store(puller: Any) -> None:
    write(puller.workspace / "x.csv")
    puller.lake = Lake("memory://lake")
    memory = fsspec.filesystem("memory")
    # A lake whose clock has no entry reads the ledger, which polars cannot in this store.
    memory.pipe(puller.lake.path("clock", "1"), b"")
    receipt = only(puller(path="x.csv"))
    assert memory.cat(receipt.landing[0]) == b"a\n1\n"
    puller.known = {(receipt.name, receipt.sha256): receipt.id}
    assert only(puller(path="x.csv")).status == "unchanged"
    assert memory.find("/lake/landing") == [receipt.landing[0].removeprefix("memory:/")]
    memory.rm("/lake", recursive=True)


def test_chinese_member_names_of_old_zips_are_read(puller: Any) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("AAAA.csv", b"x")
    write(puller.workspace / "x.zip", buffer.getvalue().replace(b"AAAA", "数据".encode("gb18030")))
    assert only(puller(path="x.zip", member="*.csv")).name == "数据.csv"


@pytest.mark.parametrize("name", ["../out.csv", "/etc/out.csv", "a/../../out.csv", "..\\out.csv", "C:\\out.csv"])
def test_a_path_that_climbs_out_of_the_zip_is_refused(puller: Any, zipped: Any, name: str) -> None:
    zipped(puller.workspace / "x.zip", {"good.csv": b"g", name: b"b"})
    receipt = only(puller(path="x.zip", member="**/*.csv"))
    assert (receipt.status, receipt.problem.code) == ("failed", "ZIP_CLIMBS")
    assert puller.landed() == []


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.2, 0.7, 0.99])
def test_a_truncated_zip_is_told(puller: Any, zipped: Any, share: float) -> None:
    whole = zipped(puller.workspace / "x.zip", {"a.csv": bytes(range(256)) * 99}).read_bytes()
    write(puller.workspace / "x.zip", whole[: int(len(whole) * share)])
    receipt = only(puller(path="x.zip", member="*.csv"))
    assert (receipt.status, receipt.problem.code) == ("failed", "ZIP_BROKEN")
    assert puller.landed() == []


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_a_member_with_spoilt_bytes_leaves_nothing_half_written(puller: Any, method: int) -> None:
    path = puller.workspace / "x.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.csv", random.Random(1).randbytes(3_000_000))
    body = path.read_bytes()
    write(path, body[:2_000_000] + bytes(byte ^ 0xFF for byte in body[2_000_000:2_000_100]) + body[2_000_100:])
    assert only(puller(path="x.zip", member="*.csv")).problem.code == "ZIP_BROKEN"
    assert puller.landed() == []


def test_a_zip_whose_member_has_no_name_is_refused(puller: Any) -> None:
    with zipfile.ZipFile(puller.workspace / "x.zip", "w") as archive:
        archive.writestr("b.csv", b"a\n1\n")
        archive.infolist()[0].filename = ""
    assert only(puller(path="x.zip", member="*.csv")).problem.code == "ZIP_BROKEN"


def test_an_encrypted_member_is_told(puller: Any, zipped: Any) -> None:
    path = zipped(puller.workspace / "x.zip", {"a.csv": b"x"})
    body = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = body.index(signature) + offset
        body[place : place + 2] = struct.pack("<H", struct.unpack_from("<H", body, place)[0] | 1)
    write(path, bytes(body))
    assert only(puller(path="x.zip", member="*.csv")).problem.code == "ZIP_ENCRYPTED"


def test_a_zip_bomb_is_refused_by_its_declared_size(puller: Any, zipped: Any) -> None:
    zipped(puller.workspace / "x.zip", {"a.csv": b"0" * 2_000_000})
    receipt = only(puller(path="x.zip", member="*.csv", max_bytes=1_000_000))
    assert (receipt.problem.code, receipt.problem.values["size"]) == ("ZIP_TOO_LARGE", 2_000_000)


def test_receipt_ids_sort_in_the_order_of_the_attempts(puller: Any) -> None:
    for number in range(20):
        write(puller.workspace / f"{number}.csv", b"%d" % number)
    ids = [receipt.id for receipt in puller(path="*.csv")]
    assert ids == sorted(set(ids))


@settings(max_examples=examples(8, 25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=3000))
def test_whatever_the_bytes_they_land_unchanged(puller: Any, body: bytes) -> None:
    write(puller.workspace / "x.csv", body)
    receipt = only(puller(path="x.csv"))
    assert Path(receipt.landing[0]).read_bytes() == body
    assert receipt.sha256 == hashlib.sha256(body).hexdigest()


@given(st.lists(st.tuples(st.sampled_from(["f", "2026-", ""]), st.integers(0, 10**15)), min_size=1, unique=True))
def test_names_order_by_their_numbers(names: list[tuple[str, int]]) -> None:
    found = sorted((f"{prefix}{number}.csv" for prefix, number in names), key=delivery_order)
    for prefix in {prefix for prefix, _ in names}:
        mine = [f"{p}{n}.csv" for p, n in sorted(names, key=lambda item: item[1]) if p == prefix]
        assert [name for name in found if name in mine] == mine


@pytest.mark.parametrize(
    "later",
    [
        "2024-03-corrected.csv",
        "2024-03 (1).csv",
        "2024-03_v2.csv",
        "2024-03（更正）.csv",
        "2024-03.1.csv",
        "2024-03 - Copy.csv",
    ],
)
def test_a_file_with_a_suffix_comes_after_the_one_that_it_corrects(later: str) -> None:
    assert sorted([later, "2024-03.csv"], key=delivery_order) == ["2024-03.csv", later]
    assert sorted([f"{later}.gz", "2024-03.csv.gz"], key=delivery_order) == ["2024-03.csv.gz", f"{later}.gz"]
