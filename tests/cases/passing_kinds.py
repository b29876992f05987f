"""The kinds of cases that pass: prefixes of their folders' names. A kind is added when it is fixed."""

from __future__ import annotations

PASSING_KINDS = (
    "number-",
    "real-colon-z",
    "real-probe-colon-z",
    "time-epoch",
    "time-five-digit-year",
    "time-format",
    "time-gtfs-rt",
    "time-hour-24",
)
