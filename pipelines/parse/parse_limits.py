"""What bounds memory while parsing, whatever the input."""

CHUNK_BYTES = 4 << 20
"""Bytes that are looked at together."""
MAX_LINE_BYTES = 4 << 20
"""Bytes of a line that is read within a block; longer ones are read with care."""
HEAD_BYTES = 1 << 18
"""Bytes from the start that tell what a file is."""
BATCH_ROWS = 50_000
BATCH_CHARS = 32_000_000
"""Rows, or characters of them, that are held before they are spooled."""
RECORD_CHARS = 256_000_000
"""Longest single JSON record."""
DOCUMENT_BYTES = 8_000_000_000
"""Largest XML document once unpacked."""
WORKBOOK_BYTES = 2_000_000_000
"""Largest workbook once unpacked."""
MAX_SKIPPED_LINES = 50
MAX_SKIPPED_CHARS = 200
"""Lines, and characters of each, that a parse report keeps of what it skipped."""
