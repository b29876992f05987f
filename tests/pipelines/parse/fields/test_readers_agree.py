"""The readers of plain CSV, over random and dirty bytes: the same rows as the careful reader, whichever is chosen."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.parse import csv_blocks
from citylake.pipelines.parse.arrow_parser import ArrowBlockParser
from citylake.pipelines.parse.fields.fields_parser import FieldsBlockParser
from tests.pipelines.parse.fields.conftest import NewMemory
from tests.thorough import examples

PIECES = ["a", "b", ",", ",", "\n", "\n", "\r\n", '"', '""', '","', " ", "数", ";", "\0", "\r", "\ufeff", "~{"]
CHUNKS = st.sampled_from([8, 64, 1 << 20])


@pytest.fixture(scope="module")
def fields(new_memory: NewMemory) -> Iterator[None]:
    """Every block is read by fields.c."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "choose_block_parser", lambda *_: FieldsBlockParser(new_memory()))
        yield


@settings(max_examples=examples(20, 60), deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=25), chunk=CHUNKS)
@pytest.mark.usefixtures("fields")
def test_fields_and_the_careful_reader_give_the_same_rows(parser: Any, pieces: list[str], chunk: int) -> None:
    body = ("x,y\n" + "".join(pieces)).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Budget, "block_bytes", chunk)
        fast = parser(body, format={"type": "csv", "delimiter": ","})
    careful = parser(body, format={"type": "csv", "delimiter": ",", "comment": "\x01"})
    assert fast.parsed.problem == careful.parsed.problem
    if fast.parsed.problem is None:
        assert (fast.rows, fast.lines) == (careful.rows, careful.lines)


@pytest.mark.usefixtures("fields")
@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-8", "utf-16"])
def test_fields_reads_every_encoding_as_the_careful_reader_does(parser: Any, encoding: str) -> None:
    body = "站點,值\n中山路,1\n許功蓋,\n".encode(encoding) + '"功,路",""\n'.encode(encoding).removeprefix(b"\xff\xfe")
    outcome = parser(body, format={"type": "csv", "encoding": encoding})
    assert outcome.rows == [("中山路", "1"), ("許功蓋", None), ("功,路", "")]
    assert outcome.reader == "blocks"


@pytest.mark.usefixtures("fields")
def test_what_is_not_plain_is_read_with_care(parser: Any) -> None:
    outcome = parser(b'a,b\n1,"x\ny"\n2,z"z\n')
    assert outcome.reader != "blocks"
    assert outcome.rows == [("1", "x\ny"), ("2", 'z"z')]


def test_arrow_and_fields_give_the_same_parts_or_refuse(plain_file: Any, new_memory: NewMemory) -> None:
    chance, read = random.Random(7), 0
    arrow, fields = ArrowBlockParser(), FieldsBlockParser(new_memory())
    for _ in range(150):
        parts = [_part(chance) for _ in range(chance.choice([1, 1, 3]))]
        rich: set[str] = {"x"} if chance.random() < 0.3 else set()
        found = [plain_file(parser, parts, rich) for parser in (arrow, fields)]
        if None not in found:
            read += 1
            assert found[0] == found[1]
    assert read > 40


def _part(chance: random.Random) -> bytes:
    texts = ["", "", "a", "数", '""', '"b"', '"c,""d"', "0123456789abcdefXYZ", "x" * 40]
    rows = chance.choice([1, 2, 999, 1000, 1001, 2000])
    text = "".join(f"{chance.choice(texts)},{number}\n" for number in range(rows)).encode()
    if chance.random() < 0.3:
        place = chance.randrange(len(text))
        text = text[:place] + chance.choice([b'"', b",", b"\r", b"\n", b"\0"]) + text[place:]
    return text if text.endswith(b"\n") else text + b"\n"
