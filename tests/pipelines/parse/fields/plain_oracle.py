"""What plain CSV is, byte by byte: slow, and written from the definition alone."""

from __future__ import annotations

Row = tuple[bytes | None, ...]


def plain_rows(text: bytes, columns: int, delimiter: int, quote: int | None, *, carriage: bool) -> list[Row] | None:
    """The rows of a text that ends with a newline; None if it is not plain."""
    end = b"\r\n" if carriage else b"\n"
    if not text.endswith(end):
        return None
    lines = text.removesuffix(end).split(end)
    rows = [_plain_row(line, delimiter, quote) for line in lines]
    if any(b"\r" in line or b"\n" in line for line in lines):
        return None
    return [tuple(row) for row in rows if row] if all(row and len(row) == columns for row in rows) else None


def _plain_row(line: bytes, delimiter: int, quote: int | None) -> list[bytes | None] | None:
    fields: list[bytes | None] = []
    at = 0
    while True:
        if at < len(line) and line[at] == quote:
            text, at = _quoted(line, at + 1, quote)
            if text is None or (at < len(line) and line[at] != delimiter):
                return None
            fields.append(text)
        else:
            place = line.find(bytes([delimiter]), at)
            bare = line[at : len(line) if place < 0 else place]
            if quote is not None and quote in bare:
                return None
            at += len(bare)
            fields.append(bare or None)
        if at == len(line):
            return fields
        at += 1


def _quoted(line: bytes, at: int, quote: int) -> tuple[bytes | None, int]:
    """The text from after its opening quote, and the place after its closing one."""
    found = bytearray()
    while at < len(line):
        if line[at] == quote:
            if line[at + 1 : at + 2] != bytes([quote]):
                return bytes(found), at + 1
            at += 1
        found.append(line[at])
        at += 1
    return None, at
