"""HOW data moves: pull, parse, conform, audit, commit, build, publish; runs without Airflow."""

import os

# Read by Arrow's allocator when pyarrow is imported. The next block reuses memory that a block freed. By default, freed
# memory is returned to the system after 10 ms, and requesting it again takes 5 % of the time of a batch.
os.environ.setdefault("MIMALLOC_PURGE_DELAY", "1000")
