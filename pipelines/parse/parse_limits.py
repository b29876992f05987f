"""Limits that bound memory while parsing."""

CHUNK_BYTES = 4 << 20
"""Bytes of a chunk."""
MAX_LINE_BYTES = 4 << 20
"""Bytes of a line that can be read within a block; files with longer lines need the general reader."""
HEAD_BYTES = 1 << 18
"""Bytes from the start by which a file type and encoding are detected."""
BATCH_ROWS = 50_000
BATCH_CHARS = 32_000_000
"""Rows, and characters of them, held in memory before they are spooled."""
RECORD_CHARS = 256_000_000
"""Longest single JSON record."""
DOCUMENT_BYTES = 8_000_000_000
"""Largest XML document once unpacked."""
WORKBOOK_BYTES = 2_000_000_000
"""Largest workbook once unpacked."""
SPARSE_CELLS = 10_000_000
"""Places between the first and the last cell of a sheet, above which it must be well filled."""
MAX_SKIPPED_LINES = 50
MAX_SKIPPED_CHARS = 200
"""Skipped lines, and characters of each, in a parse report."""
