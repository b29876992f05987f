"""The verification, the repair and the backup of a lake on an object store. The store speaks S3 on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from citylake.pipelines.lake.digests import file_digest
from tests.object_store import BUCKET, s3_url, store
from tests.pipelines.lake.test_object_store import story

__all__ = ["s3_url", "store"]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("whole", [file_digest._WHOLE, 64], ids=["by one request", "by many"])
def test_a_damaged_object_is_found_and_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: int) -> None:
    monkeypatch.setattr(file_digest, "_WHOLE", whole)
    city = story(tmp_path, f"{BUCKET}/lakes/verified-{whole}")
    monkeypatch.setenv("FILES", str(tmp_path / "files"))
    lake = city.lake
    code, document = city.json("verify", "--deep")
    assert (code, document["findings"]) == (0, [])
    # A run without news leaves the log entries of its own ledger rows to the next one that has some, or to the upkeep.
    assert [path for path in document["unrecorded_files"] if not path.startswith("ledger/")] == []
    table = lake.path("standard", "traffic.devices")
    before = city.table(table)

    name = DeltaTable(table, storage_options=lake.storage_options).file_uris()[0]
    content = bytearray(lake.fs.cat_file(name))
    content[len(content) // 2] ^= 4
    lake.fs.pipe_file(name, bytes(content))
    code, document = city.json("verify", "traffic.devices", "--deep")
    (finding,) = document["findings"]
    assert (code, finding["code"], finding["file"]) == (2, "VERIFY_ROWS_DAMAGED", name.removeprefix(f"{lake.url}/"))

    assert city.json("replay", "traffic.devices", "--damaged")[0] == 0
    columns = [each for each in before.columns if each != "_batch"]
    assert_frame_equal(city.table(table).select(columns), before.select(columns), check_row_order=False)
    assert city.json("verify", "--deep")[1]["findings"] == []
