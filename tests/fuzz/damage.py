"""Strategies that damage valid inputs: bits, lengths, cuts, splices, repeats, depth, numbers and odd characters."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from hypothesis import strategies as st

from tests.fuzz.seeds import FuzzCase

ODD_TEXTS = (
    b"\x00", b"\r", b"\r\n", b'"', b"\\", b",", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1a", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80", "\u202e\u2066".encode(), "e\u0301".encode(), "\U0001f600".encode(), "\x85\u2028".encode(),
    b"&#0;", b"&#xFFFFFFFF;", b"<!DOCTYPE a>", b"<![CDATA[", b"\\ud800", b"\\u0000", b"NaN", b"null", b"[]", b"{}",
    b"1e400", b"-0", b"9" * 40, b"1e-400", b"99999999999999999999", b"4294967295", b"-2147483649", b"0.1e99999999999",
    b"XFD1048576", b"9999-99-99", b"0000-00-00T24:61:61", b"'", b"$_", b"*", b"%s{}", b"../..", b"&a", b"/x]",
    b"!!python/name:os",
)  # fmt: skip
"""What programs do not expect within a text."""
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_OPENERS = (b"[", b'{"a":', b"<a>", b"(", b"((", b"- ", b"{a: ", b"\x0a\x7f")
_MOST_BYTES = 1 << 20

Step = Callable[[bytes], bytes]


def _at(body: bytes, where: float) -> int:
    return int(where * len(body))


def _flip(where: float, bit: int) -> Step:
    def run(body: bytes) -> bytes:
        place = min(_at(body, where), len(body) - 1)
        return body[:place] + bytes([body[place] ^ (1 << bit)]) + body[place + 1 :] if body else body

    return run


def _put(where: float, new: bytes, over: int) -> Step:
    return lambda body: body[: _at(body, where)] + new + body[_at(body, where) + over :]


def _cut(start: float, end: float) -> Step:
    return lambda body: body[: _at(body, min(start, end))] + body[_at(body, max(start, end)) :]


def _truncate(where: float) -> Step:
    return lambda body: body[: _at(body, where)]


def _repeat(start: float, end: float, times: int) -> Step:
    def run(body: bytes) -> bytes:
        first, last = sorted((_at(body, start), _at(body, end)))
        fit = min(times, max(1, _MOST_BYTES // max(1, last - first)))
        return body[:first] + body[first:last] * fit + body[last:]

    return run


def _move(start: float, end: float, where: float) -> Step:
    def run(body: bytes) -> bytes:
        first, last = sorted((_at(body, start), _at(body, end)))
        rest = body[:first] + body[last:]
        return rest[: _at(rest, where)] + body[first:last] + rest[_at(rest, where) :]

    return run


def _number(where: float, value: int, form: str) -> Step:
    def run(body: bytes) -> bytes:
        new = struct.pack(form, value & ((1 << 8 * struct.calcsize(form)) - 1))
        place = max(0, min(_at(body, where), len(body) - len(new)))
        return body[:place] + new + body[place + len(new) :]

    return run


_PLACE = st.floats(0, 1, exclude_max=True)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(_flip, _PLACE, st.integers(0, 7)),
    st.builds(_put, _PLACE, st.sampled_from(ODD_TEXTS), st.integers(0, 4)),
    st.builds(_put, _PLACE, st.binary(min_size=1, max_size=8), st.integers(0, 8)),
    st.builds(_put, _PLACE, st.text(max_size=4).map(lambda text: text.encode("utf-8", "surrogatepass")), st.just(0)),
    st.builds(
        _put,
        _PLACE,
        st.builds(lambda one, many: one * many, st.sampled_from(_OPENERS), st.integers(1, 5000)),
        st.just(0),
    ),
    st.builds(_cut, _PLACE, _PLACE),
    st.builds(_truncate, _PLACE),
    st.builds(_repeat, _PLACE, _PLACE, st.integers(2, 3000)),
    st.builds(_move, _PLACE, _PLACE, _PLACE),
    st.builds(_number, _PLACE, st.sampled_from(_EDGES), st.sampled_from(["<B", "<H", "<I", ">I", "<Q"])),
)
"""One way to damage bytes."""
TAIL_STEPS = st.builds(
    lambda step, start: lambda body: body[: _at(body, start)] + step(body[_at(body, start) :]), STEPS, st.just(0.8)
)
"""Damage to the last fifth, where Parquet and zip have their directories."""


@st.composite
def damaged(draw: st.DrawFn, cases: tuple[FuzzCase, ...]) -> FuzzCase:
    """A case whose bytes were damaged, within their containers or outside; sometimes with another case's settings."""
    case = draw(st.sampled_from(cases))
    settings = draw(st.one_of(st.just(case.settings), st.sampled_from([each.settings for each in cases])))
    number = draw(st.integers(0, len(case.bodies) - 1))
    steps = draw(st.lists(st.one_of(STEPS, STEPS, TAIL_STEPS), min_size=1, max_size=5))
    inside = draw(st.integers(0, 3))
    member = draw(st.integers(0, 20))
    bodies = list(case.bodies)
    bodies[number] = _apply(bodies[number], steps, member if inside else None)
    if draw(st.integers(0, 15)) == 0:
        other = draw(st.sampled_from(cases)).bodies[0]
        bodies[number] += other[: draw(st.integers(0, len(other)))]
    return FuzzCase(case.reader, tuple(bodies), settings, case.name)


def _apply(body: bytes, steps: list[Step], member: int | None) -> bytes:
    """Damage ``body``; with ``member``, what is packed in it, and pack it again so that its checksums fit."""
    if member is not None and body.startswith(b"PK\x03\x04"):
        return _within_zip(body, steps, member)
    if member is not None and body.startswith(b"\x1f\x8b"):
        return gzip.compress(_run(gzip.decompress(body), steps), mtime=0)
    return _run(body, steps)


def _run(body: bytes, steps: list[Step]) -> bytes:
    for step in steps:
        body = step(body)[: 4 * _MOST_BYTES]
    return body


def _within_zip(body: bytes, steps: list[Step], member: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        # Of a workbook, the sheets are what a supplier fills.
        sheets = [name for name in names if "sheet" in name or "shared" in name or "styles" in name]
        chosen = (sheets or names)[member % len(sheets or names)]
        for name in names:
            content = source.read(name)
            target.writestr(zipfile.ZipInfo(name), _run(content, steps) if name == chosen else content)
    return made.getvalue()


def checksum(case: FuzzCase) -> str:
    """A short name for the bytes of a case."""
    return f"{zlib.crc32(repr((case.bodies, sorted(case.settings.items()), case.name)).encode()):08x}"
