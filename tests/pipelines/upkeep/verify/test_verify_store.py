"""The verification, the repair and the backup of a lake on an object store. The store speaks S3 on this machine."""

from __future__ import annotations

import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from citylake.pipelines.lake.digests import file_digest
from tests.object_store import BUCKET, s3_url, store
from tests.stored_city import City, story

__all__ = ["s3_url", "store"]


@pytest.mark.usefixtures("store")
def test_a_damaged_object_is_found_and_made_again(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether an object is read by one request or by many: each finds what the other has recorded."""
    # Its own story: what was read plainly names its landed bytes by their address, which a copy does not have.
    city = story(tmp_path_factory.mktemp("verified"), f"{BUCKET}/lakes/verified", steps=("first", "corrected", "again"))
    monkeypatch.setenv("FILES", str(city.root / "files"))
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
    _is_found(city, name)
    with monkeypatch.context() as by_many:
        by_many.setattr(file_digest, "_WHOLE", 64)
        _is_found(city, name)
        assert city.json("replay", "traffic.devices", "--damaged")[0] == 0
        columns = [each for each in before.columns if each != "_batch"]
        assert_frame_equal(city.table(table).select(columns), before.select(columns), check_row_order=False)
        assert city.json("verify", "traffic.devices", "--deep")[1]["findings"] == []
    assert city.json("verify", "--deep")[1]["findings"] == []


def _is_found(city: City, name: str) -> None:
    code, document = city.json("verify", "traffic.devices", "--deep")
    (finding,) = document["findings"]
    file = name.removeprefix(f"{city.lake.url}/")
    assert (code, finding["code"], finding["file"]) == (2, "VERIFY_ROWS_DAMAGED", file)
