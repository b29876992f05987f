"""The kinds of cases that pass: prefixes of their folders' names. A kind is added when it is fixed."""

from __future__ import annotations

PASSING_KINDS = (
    "attack-check-copy",
    "attack-csv-mixed-enc",
    "attack-markup-quarantine",
    "attack-sql-readtext",
    "attack-xlsx",
    "attack-zip-same-member-twice",
    "csv-backslash-escape",
    "encoding-big5",
    "encoding-cp1251",
    "encoding-cp1252",
    "encoding-euckr",
    "encoding-utf8-declared",
    "id-",
    "json-columns-as-lists",
    "keys-copy-suffix",
    "keys-corrected-suffix",
    "keys-upsert-moves",
    "number-",
    "place-",
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
    "read-backslash-escape",
    "read-data-below-nameless-trailing-header",
    "read-enc-one-bad-byte",
    "read-enc-utf16le-no-bom",
    "read-quote-inside-unquoted",
    "read-row-width",
    "read-headerless-first-row",
    "read-one-column",
    "read-duplicate-header",
    "read-probe-title-rows",
    "read-geojson",
)
"""Kinds of single files that are read as their format says."""

DRAFTED_KINDS = (*(kind for kind in PASSING_READ_KINDS if kind != "read-geojson"), "real-wmata-agency")
"""Kinds of delimited files that a drafted contract reads."""
