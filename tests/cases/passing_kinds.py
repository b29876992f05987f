"""The kinds of cases that pass: prefixes of their folders' names. A kind is added when it is fixed."""

from __future__ import annotations

PASSING_KINDS = (
    "attack-xlsx",
    "id-",
    "keys-copy-suffix",
    "keys-corrected-suffix",
    "keys-upsert-moves",
    "number-",
    "real-colon-z",
    "real-probe-colon-z",
    "time-epoch",
    "time-five-digit-year",
    "time-format",
    "time-gtfs-rt",
    "time-hour-24",
    "time-label-end-dst",
    "time-madrid-wide-hours",
    "xlsx",
)

PASSING_READ_KINDS = (
    "read-enc-big5",
    "read-enc-cp1252",
    "read-enc-euckr",
    "read-enc-utf16le-no-bom",
)
"""Kinds of single files that are read as their format says."""
