"""Landing: every byte in its file and in the digest, whatever the sizes; what is known leaves no trace."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.pull import landing_writer as module
from citylake.pipelines.pull.connector_api import LandedPart
from citylake.pipelines.pull.landing_writer import LandingWriter
from citylake.schemas.words.errors import CitylakeError

HELD = 64
PARTS = st.lists(st.lists(st.binary(max_size=HELD), max_size=3), max_size=6)


@given(PARTS)
def test_every_part_is_a_file_and_the_digest_is_of_all_of_them(parts: list[list[bytes]]) -> None:
    with TemporaryDirectory() as folder:
        landing = LandingWriter(Lake(folder), lambda: f"{folder}/receipt", _room=HELD)
        landing.take(LandedPart(f"{number}.csv", iter(chunks)) for number, chunks in enumerate(parts))
        landing.keep()
        whole = [b"".join(chunks) for chunks in parts]
        assert [Path(path).read_bytes() for path in landing.paths] == whole
        assert (landing.size, landing.digest.hexdigest()) == (
            sum(map(len, whole)),
            hashlib.sha256(b"".join(whole)).hexdigest(),
        )
        landing.remove()
        assert not Path(folder, "receipt").exists()


def test_known_bytes_of_a_small_file_are_not_stored_at_all(puller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (puller.workspace / "a.csv").write_text("a\n1\n")
    puller.commit([puller.one("files", path="a.csv")])

    def no_folder(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Lake, "makedirs", no_folder)
    assert puller.one("files", path="a.csv").status == "unchanged"


def test_a_small_file_that_cannot_be_kept_is_told_and_nothing_of_it_stays(
    puller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (puller.workspace / "a.csv").write_text("a\n1\n")
    real = module._write_hashed

    def full(*arguments: Any, **named: Any) -> int:
        real(*arguments, **named)
        raise CitylakeError("LANDING_UNWRITABLE", path=arguments[1], reason="No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(module, "_write_hashed", full)
        receipt = puller.one("files", path="a.csv")
    assert (receipt.status, receipt.problem.code, receipt.landing) == ("failed", "LANDING_UNWRITABLE", ())
    assert not any(path.is_file() for path in Path(puller.lake.url, "landing").rglob("*"))
    assert puller.one("files", path="a.csv").status == "received"


def test_of_a_source_that_breaks_off_the_small_parts_stay(tmp_path: Path) -> None:
    def parts() -> Iterator[LandedPart]:
        yield LandedPart("1.csv", iter([b"one"]))
        raise CitylakeError("STORE_BROKE_OFF", source="s", reason="r")

    landing = LandingWriter(Lake(str(tmp_path)), lambda: f"{tmp_path}/receipt")
    with pytest.raises(CitylakeError):
        landing.take(parts())
    landing.keep()
    assert [Path(path).read_bytes() for path in landing.paths] == [b"one"]
