"""HOW data moves: pull, parse, conform, audit, commit, build, publish."""

import os

# Read by Arrow's allocator when pyarrow is loaded. What a block frees the next one takes: to give it back to the system
# after 10 ms, as is usual, and to get it again, is a twentieth of the time of a batch. After a second it is not needed.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "1000")
