"""Limits that bound memory and time while parsing; docs/sources.md has them in a table."""

CHUNK_BYTES = 4 << 20
"""Bytes of a chunk."""
MAX_LINE_BYTES = 4 << 20
"""Bytes of a line that can be read within a block; files with longer lines need the general reader."""
HEAD_BYTES = 1 << 18
"""Bytes from the start by which a file type and encoding are detected."""
BATCH_ROWS = 50_000
BATCH_CHARS = 32_000_000
BATCH_PLACES = 2_000_000
"""Rows, characters of them, and places (rows × columns), held in memory before they are spooled."""
GROUP_ROWS = 120_000
GROUP_BYTES = 64_000_000
GROUP_PLACES = 4_000_000
"""Rows, bytes and places of a row group in the raw zone."""
ROWS_MAX = 100_000_000
"""Rows of a file, unless ``expect.rows.max`` of the contract is larger."""
COLUMNS_MAX = 65_536
"""Columns of a file: a year of hours in seven lists whose items are unpivoted has 61,491."""
SPARSE_PLACES = 500_000_000
VERY_WIDE_COLUMNS, VERY_WIDE_PLACES = 4_000, 20_000_000
SPARSE_SHARE = 20
"""Places (rows × columns) of a table of records, with very many columns too, above which one in so many has a value."""
EXPANSION_BYTES = 1_000_000_000
EXPANSION_SHARE = 250
"""Bytes that a file may unpack to, above which it must not be more than so many times its own size."""
FOOTER_BYTES = 64_000_000
"""Largest description of the columns at the end of a Parquet file."""
RECORD_CHARS = 256_000_000
"""Longest single record of JSON or XML, however much memory there is."""
DOCUMENT_BYTES = 8_000_000_000
"""Largest XML document once unpacked."""
WORKBOOK_BYTES = 2_000_000_000
"""Largest workbook once unpacked."""
WORKBOOK_ROW_BYTES = 64_000_000
"""Largest row of a sheet, and largest text, in XML."""
SPARSE_CELLS = 10_000_000
"""Places between the first and the last cell of a sheet, above which it must be well filled."""
RECORD_MEMORY_SHARE = 20
"""Share of the memory that the text of one record may be: a twentieth. Decoded, it takes up to that much more."""
MAX_SKIPPED_LINES = 50
MAX_SKIPPED_CHARS = 200
"""Skipped lines, and characters of each, in a parse report."""


def expansion_limit(size: int) -> int:
    """Bytes to which a file of ``size`` bytes may expand if its contract states no limit."""
    return max(EXPANSION_BYTES, EXPANSION_SHARE * size)


def sparse_places(columns: int) -> int:
    """Places that a table with so many columns may have, however few of them have a value."""
    return SPARSE_PLACES if columns <= VERY_WIDE_COLUMNS else VERY_WIDE_PLACES


def record_chars(memory: int) -> int:
    """Characters of the longest record that is read with ``memory`` bytes."""
    return min(RECORD_CHARS, memory // RECORD_MEMORY_SHARE)
