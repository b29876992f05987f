"""Row-level rules as polars expressions and bit masks. No I/O."""
