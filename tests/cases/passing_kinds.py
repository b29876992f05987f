"""The kinds of cases that pass: prefixes of their folders' names. A kind is added when it is fixed."""

from __future__ import annotations

PASSING_KINDS = (
    "attack-check-copy",
    "attack-markup-quarantine",
    "attack-sql-readtext",
    "id-",
    "real-colon-z",
    "real-probe-colon-z",
    "time-epoch",
    "time-five-digit-year",
    "time-format",
    "time-gtfs-rt",
    "time-hour-24",
    "zone-utc-plus-8",
)
