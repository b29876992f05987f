"""``fields.c``: what it reads is what stands there, byte for byte, and to everything else it says so."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from citylake.pipelines.parse.fields import split_fields
from citylake.pipelines.parse.fields.field_memory import FieldMemory
from citylake.pipelines.parse.fields.split_fields import FieldDialect, FieldSplitter, NotPlainFieldsError
from tests.pipelines.parse.fields.conftest import NewMemory
from tests.pipelines.parse.fields.plain_oracle import Row, plain_rows
from tests.thorough import examples

COMMA = FieldDialect(b",")


@pytest.fixture(scope="module")
def splitter(new_memory: NewMemory) -> FieldSplitter:
    return FieldSplitter(new_memory())


def split(
    splitter: FieldSplitter, text: bytes, columns: int, dialect: FieldDialect = COMMA, rich: bool = False
) -> tuple[list[Row], list[int]]:
    """The rows, and where they start."""
    splitter.buffer(len(text), columns)[:] = text
    found = splitter.split(len(text), dialect, [rich] * columns)
    return list(zip(*(column.texts().to_pylist() for column in found.columns), strict=True)), found.row_starts.tolist()


def check(splitter: FieldSplitter, text: bytes, columns: int, dialect: FieldDialect) -> bool:
    """Whether the text is plain; the definition and the splitter agree on that and on the rows."""
    quote = dialect.quote[0] if dialect.quote else None
    wanted = plain_rows(text, columns, dialect.delimiter[0], quote, carriage=dialect.carriage)
    if wanted is None:
        with pytest.raises(NotPlainFieldsError) as error:
            split(splitter, text, columns, dialect)
        plain = text[: error.value.at]
        assert plain == b"" or plain_rows(plain, columns, dialect.delimiter[0], quote, carriage=dialect.carriage)
        return False
    starts = [0, *(place + 1 for place, byte in enumerate(text) if byte == ord("\n"))][:-1]
    for rich in (False, True):
        rows, found = split(splitter, text, columns, dialect, rich)
        assert rows == wanted
        assert found == starts
    return True


PIECES = [
    b"a",
    b"bc",
    b",",
    b",",
    b";",
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b'"',
    b'""',
    b'","',
    b"'",
    b"\0",
    b"\xa3\xac",
    b"0123456789abcdefg",
]
DIALECTS = st.builds(
    FieldDialect, st.sampled_from([b",", b";", b"\t"]), st.sampled_from([b'"', b"'", b""]), st.booleans()
)


@settings(max_examples=examples(50, 200), deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40), st.integers(2, 4), DIALECTS)
@example([b'"', b"\n"], 2, COMMA)
@example([b",", b'"', b"\n", b'"'], 2, COMMA)
def test_any_bytes_are_read_as_defined_or_not_plain(
    splitter: FieldSplitter, pieces: list[bytes], columns: int, dialect: FieldDialect
) -> None:
    check(splitter, b"".join(pieces) + b"\n", columns, dialect)


def test_a_seeded_mass_of_nearly_plain_texts_is_read_as_defined(splitter: FieldSplitter) -> None:
    chance, plain = random.Random(15), 0
    for _ in range(300):
        columns, carriage = chance.randint(2, 5), chance.random() < 0.3
        end = b"\r\n" if carriage else b"\n"
        lines = [b",".join(_field(chance) for _ in range(columns)) for _ in range(chance.choice([1, 3, 20, 60]))]
        text = bytearray(end.join(lines) + end)
        for _ in range(chance.choice([0, 0, 1, 3])):
            text[chance.randrange(len(text))] = chance.choice(b',\n\r"a\0')
        plain += check(splitter, bytes(text), columns, FieldDialect(b",", b'"', carriage))
    assert plain > 100


def _field(chance: random.Random) -> bytes:
    text = bytes(
        chance.choices(b"ab0\xe6\x95\xb0 \0", k=chance.choice([0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65, 200]))
    )
    if chance.random() < 0.3:
        text += b',""' + text
        return b'"' + text + b'"'
    return b'"' + text + b'"' if chance.random() < 0.2 else text


@pytest.mark.parametrize("rich", [False, True])
def test_many_distinct_texts_of_any_length_keep_their_codes(splitter: FieldSplitter, rich: bool) -> None:
    chance = random.Random(3)
    known = [b"x" * chance.randint(0, 40) + str(number).encode() for number in range(20_000)]
    rows = [(chance.choice(known), known[row % 7], None) for row in range(60_000)]
    text = b"".join(b"%s,%s,\n" % row[:2] for row in rows)
    splitter.buffer(len(text), 3)[:] = text
    found = splitter.split(len(text), COMMA, [rich, False, rich])
    assert list(zip(*(column.texts().to_pylist() for column in found.columns), strict=True)) == rows
    assert [len(column.values) for column in found.columns] == [60_000 if rich else len({row[0] for row in rows}), 7, 1]


def test_texts_that_differ_only_by_what_is_not_compared_as_words_are_distinct(splitter: FieldSplitter) -> None:
    texts = [b"a" * length for length in range(1, 70)] + [b"a" * length + b"\0" for length in range(70)]
    texts += [b"b" * 20 + bytes([letter]) + b"b" * 20 for letter in range(97, 123)]
    text = b"".join(b"%s,1\n" % each for each in texts)
    assert [row[0] for row in split(splitter, text, 2)[0]] == texts


def test_no_value_and_an_empty_text_are_two_things(splitter: FieldSplitter) -> None:
    assert split(splitter, b'"",\n,""\n', 2)[0] == [(b"", None), (None, b"")]


NO_SECRET = np.zeros(6, "<u8")
COLLIDING = b"".join(b"%d,1\n" % number for number in range(100, 200))
"""Texts that all have the hash 0 if the secret is 0."""


def test_texts_that_collide_are_read_with_another_secret(
    splitter: FieldSplitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split_fields, "_SECRET", NO_SECRET)
    assert len(split(splitter, COLLIDING, 2)[0]) == 100


def test_texts_that_always_collide_are_left_to_another_reader(
    splitter: FieldSplitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split_fields, "_SECRET", NO_SECRET)
    monkeypatch.setattr(split_fields, "_new_secret", lambda: NO_SECRET)
    with pytest.raises(NotPlainFieldsError, match="collide"):
        split(splitter, COLLIDING, 2)


def test_memory_does_not_grow_from_text_to_text(new_memory: NewMemory) -> None:
    sizes: list[int] = []

    class Counted:
        def __init__(self, memory: FieldMemory) -> None:
            self.resize_it, self.split = memory.resize, memory.split

        def resize(self, size: int) -> np.ndarray:
            sizes.append(size)
            return self.resize_it(size)

    splitter = FieldSplitter(Counted(new_memory()))
    for number in range(30):
        text = b"".join(b"%d,%d\n" % (number, row % 500) for row in range(5000))
        assert len(split(splitter, text, 2)[0]) == 5000
    assert max(sizes) < 1.25 * min(sizes)


def test_texts_that_do_not_fit_the_memory_are_reported(new_memory: NewMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split_fields, "_TEXT_SHARE", 10)
    monkeypatch.setattr(split_fields, "_LEAST_BYTES", 0)
    text = b"".join(b"%d,%d\n" % (row, row) for row in range(50_000))
    with pytest.raises(MemoryError):
        split(FieldSplitter(new_memory()), text, 2)


def test_each_thread_has_its_own_memory(new_memory: NewMemory) -> None:
    def work(number: int) -> int:
        splitter = FieldSplitter(new_memory())
        text = b"%d,x\n" % number * 20_000
        return sum(len(split(splitter, text, 2)[0]) for _ in range(3))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(8))) == [60_000] * 8
