"""What is sealed comes back byte by byte; no other key, and no changed or cut file, gives any text of it."""

from __future__ import annotations

import io
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.lake.age_stream import OpeningStream, SealingStream, WrongKeyError
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import create_landed, open_landed, received_path, sealed_name, stored_name
from citylake.pipelines.lake.seal_keys import SealKeys, new_identity, seal_keys
from citylake.schemas.words.errors import CitylakeError

KEYS, OTHER = SealKeys((new_identity(),)), SealKeys((new_identity(),))
BODY = bytes(range(256)) * 1_000
CHUNKS = st.lists(st.binary(max_size=70_000), max_size=5)


def sealed(*chunks: bytes) -> bytes:
    out = io.BytesIO()
    with SealingStream(out, KEYS) as stream:
        for chunk in chunks:
            assert stream.write(chunk) == len(chunk)
    return out.getvalue()


def opened(body: bytes, keys: SealKeys = KEYS) -> bytes:
    with OpeningStream(io.BytesIO(body), keys) as raw, io.BufferedReader(raw, 10_000) as stream:
        return stream.read()


def write_all(out: io.BytesIO, chunks: list[bytes]) -> None:
    with SealingStream(out, KEYS) as stream:
        for chunk in chunks:
            stream.write(chunk)


def read_into(read: list[bytes], body: bytes) -> None:
    with OpeningStream(io.BytesIO(body), KEYS) as stream:
        while chunk := stream.read(30_000):
            read.append(chunk)


@settings(deadline=None, max_examples=25)
@given(CHUNKS)
def test_what_is_sealed_opens_to_the_same_bytes_and_is_an_age_file(chunks: list[bytes]) -> None:
    body = sealed(*chunks)
    assert opened(body) == b"".join(chunks)
    assert pyrage.decrypt(body, list(KEYS.identities)) == b"".join(chunks)
    assert body.startswith(b"age-encryption.org/v1\n")


@settings(deadline=None, max_examples=25)
@given(st.integers(min_value=0, max_value=len(sealed(BODY)) - 1), st.booleans())
def test_a_changed_or_cut_file_is_an_error_and_gives_no_changed_byte(place: int, cut: bool) -> None:
    body = sealed(BODY)
    place = min(place, len(body) - 1)
    wrong = body[:place] if cut else body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
    read: list[bytes] = []
    with pytest.raises((OSError, WrongKeyError)):
        read_into(read, wrong)
    given_bytes = b"".join(read)
    assert BODY.startswith(given_bytes)
    assert given_bytes != BODY or cut


def test_another_key_opens_nothing() -> None:
    with pytest.raises(WrongKeyError):
        opened(sealed(BODY), OTHER)
    assert opened(sealed(BODY), SealKeys((*OTHER.identities, *KEYS.identities))) == BODY


def test_a_stream_that_is_not_read_to_its_end_closes() -> None:
    with OpeningStream(io.BytesIO(sealed(BODY * 20)), KEYS) as stream:
        assert stream.read(10) == BODY[:10]


def test_a_full_disk_is_told_as_such() -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space") as raised:
        write_all(Full(), [BODY] * 50)
    assert raised.value.errno == 28


@settings(deadline=None, max_examples=25)
@given(st.booleans(), st.booleans(), st.binary(max_size=300))
def test_a_landed_file_is_read_as_received_however_it_is_stored(
    tmp_path_factory: pytest.TempPathFactory, compress: bool, seal: bool, body: bytes
) -> None:
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    name = stored_name("a.csv", body, compress=compress, seal=seal)
    assert received_path(name) == "a.csv"
    assert sealed_name(name).endswith(".age")
    with create_landed(
        lake.fs, lake.path(name), compress=name.removesuffix(".age").endswith(".zst"), seal=seal
    ) as file:
        file.write(body)
    with open_landed(lake, lake.path(name)) as stream:
        assert stream.read() == body
    assert (body in Path(lake.path(name)).read_bytes()) or seal or compress


def test_keys_are_told_apart_and_a_broken_one_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    old, now = str(new_identity()), str(new_identity())
    monkeypatch.setenv("CITYLAKE_KEY_SEAL", now)
    monkeypatch.setenv("CITYLAKE_KEY_SEAL_PREVIOUS", f"{old},\n{new_identity()}")
    keys = seal_keys()
    assert (len(keys.identities), str(keys.identities[0]), str(keys.identities[1])) == (3, now, old)
    monkeypatch.setenv("CITYLAKE_KEY_SEAL_PREVIOUS", "AGE-SECRET-KEY-1WRONG")
    with pytest.raises(CitylakeError) as raised:
        seal_keys()
    assert (raised.value.code, "WRONG" in str(raised.value)) == ("SEAL_KEY_BROKEN", False)
