"""The kinds of cases that pass: prefixes of their folders' names. A kind is added when it is fixed."""

from __future__ import annotations

PASSING_KINDS = (
    "attack-xlsx",
    "id-",
    "json-columns-as-lists",
    "keys-copy-suffix",
    "keys-corrected-suffix",
    "keys-upsert-moves",
    "read-enc-big5",
    "read-enc-cp1252",
    "read-enc-euckr",
    "read-enc-utf16le-no-bom",
    "real-colon-z",
    "real-probe-colon-z",
    "real-snapshot-valid-from",
    "time-epoch",
    "time-five-digit-year",
    "time-format",
    "time-gtfs-rt",
    "time-hour-24",
    "time-label-end-dst",
    "time-madrid-wide-hours",
    "value-flags",
    "xlsx",
    "zone-utc-plus-8",
)

PASSING_READ_KINDS = (
    "read-enc-big5",
    "read-enc-cp1252",
    "read-enc-euckr",
    "read-enc-utf16le-no-bom",
)
"""Kinds of single files that are read as their format says."""
