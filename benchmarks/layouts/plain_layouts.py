"""Delimiters, encodings, quotes and headers as portals send them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from benchmarks.layouts.portal_file import LAYOUTS, NAMES, Cells, PortalFile, table, text_of


@LAYOUTS
def rfc_4180(rng: Random) -> PortalFile:
    rows = table(rng)
    return PortalFile(text_of([NAMES, *rows]).encode(), NAMES, rows)


@LAYOUTS
def bom_and_all_quoted(rng: Random) -> PortalFile:
    rows = table(rng)
    return PortalFile(text_of([NAMES, *rows], quoted=True).encode("utf-8-sig"), NAMES, rows)


@LAYOUTS
def semicolon_and_decimal_comma(rng: Random) -> PortalFile:
    rows = table(rng, comma=True)
    return PortalFile(text_of([NAMES, *rows], ";").encode(), NAMES, rows)


@LAYOUTS
def latin_1_semicolon(rng: Random) -> PortalFile:
    rows = [
        (*row[:2], rng.choice(("Nürnberg", "Köln", "Düren", "Bad Tölz")), *row[3:]) for row in table(rng, comma=True)
    ]
    return PortalFile(text_of([NAMES, *rows], ";").encode("latin-1"), NAMES, rows)


@LAYOUTS
def excel_separator_line(rng: Random) -> PortalFile:
    rows = table(rng, comma=True)
    return PortalFile(("sep=;\r\n" + text_of([NAMES, *rows], ";")).encode("utf-8-sig"), NAMES, rows)


@LAYOUTS
def excel_unicode_text(rng: Random) -> PortalFile:
    rows = table(rng)
    return PortalFile(text_of([NAMES, *rows], "\t").encode("utf-16"), NAMES, rows)


@LAYOUTS
def pipe(rng: Random) -> PortalFile:
    rows = table(rng)
    return PortalFile(text_of([NAMES, *rows], "|", end="\n").encode(), NAMES, rows)


@LAYOUTS
def rare_delimiter(rng: Random) -> PortalFile:
    rows = table(rng, plain=True)
    sign = rng.choice(("^", "~", "\x01", "||", "¦", "§", "~|~", "::"))
    return PortalFile("".join(sign.join(row) + "\n" for row in (NAMES, *rows)).encode(), NAMES, rows)


@LAYOUTS
def runs_of_blanks(rng: Random) -> PortalFile:
    rows = table(rng, plain=True)
    return PortalFile("".join("  ".join(row) + "\n" for row in (NAMES, *rows)).encode(), NAMES, rows)


@LAYOUTS
def single_quotes(rng: Random) -> PortalFile:
    rows = table(rng, plain=True)
    return PortalFile(
        "".join(",".join(f"'{cell}'" for cell in row) + "\n" for row in (NAMES, *rows)).encode(), NAMES, rows
    )


@LAYOUTS
def sql_nulls(rng: Random) -> PortalFile:
    null = rng.choice(("NULL", "\\N", ""))
    rows = [(*row[:4], null if rng.random() < 0.3 else row[4]) for row in table(rng)]
    return PortalFile(text_of([NAMES, *rows], end="\n").encode(), NAMES, rows)


@LAYOUTS
def quoted_line_breaks(rng: Random) -> PortalFile:
    rows = [(*row[:2], f"{row[2]}\nfloor 2", *row[3:]) for row in table(rng)]
    return PortalFile(text_of([NAMES, *rows]).encode(), NAMES, rows)


@LAYOUTS
def trailing_delimiter_everywhere(rng: Random) -> PortalFile:
    rows = table(rng)
    return PortalFile(text_of([(*row, "") for row in (NAMES, *rows)]).encode(), NAMES, rows)


@LAYOUTS
def blank_lines_first(rng: Random) -> PortalFile:
    rows = table(rng)
    return PortalFile(("\r\n,,,,\r\n" + text_of([NAMES, *rows])).encode(), NAMES, rows)


@LAYOUTS
def nameless_index_column(rng: Random) -> PortalFile:
    rows: list[Cells] = [(str(number), *row) for number, row in enumerate(table(rng))]
    return PortalFile(text_of([("", *NAMES), *rows]).encode(), ("column_1", *NAMES), rows)


@LAYOUTS
def row_names_without_header_cell(rng: Random) -> PortalFile:
    rows: list[Cells] = [(str(number), *row) for number, row in enumerate(table(rng), 1)]
    body = text_of([NAMES], quoted=True, end="\n") + text_of(rows, end="\n")
    return PortalFile(body.encode(), ("column_1", *NAMES), rows)


@LAYOUTS
def duplicate_names(rng: Random) -> PortalFile:
    rows = [(*row, row[3], "x") for row in table(rng)]
    body = text_of([(*NAMES, "trips", "trips"), *rows])
    return PortalFile(body.encode(), (*NAMES, "trips_2", "trips_3"), rows)


@LAYOUTS
def headerless(rng: Random) -> PortalFile:
    rows = table(rng)
    return PortalFile(text_of(rows).encode(), None, rows)


@LAYOUTS
def headerless_pipe(rng: Random) -> PortalFile:
    rows = [
        ("01/01/20", f"{number % 24:02}:00", f"{rng.randrange(10**8):09}", row[2], row[4])
        for number, row in enumerate(table(rng, plain=True))
    ]
    return PortalFile(text_of(rows, "|").encode(), None, rows)


@LAYOUTS
def numbers_alone(rng: Random) -> PortalFile:
    rows = [tuple(f"{rng.uniform(0, 9):.3f}" for _ in range(4)) for _ in range(rng.choice((5, 60)))]
    return PortalFile(text_of(rows).encode(), None, rows)


@LAYOUTS
def wide_years(rng: Random) -> PortalFile:
    names = ("Country", *(str(year) for year in range(2000, 2000 + rng.randrange(3, 20))))
    rows = [(name, *(str(rng.randrange(900)) for _ in names[1:])) for name in ("Chad", "Peru", "Fiji", "Cuba", "Oman")]
    return PortalFile(text_of([names, *rows]).encode(), names, rows)


@LAYOUTS
def wide_stations(rng: Random) -> PortalFile:
    names = ("date", "hour", "type", *(f"{code}A" for code in range(1001, 1001 + rng.randrange(3, 40))))
    rows = [
        ("20140604", str(hour), kind, *(rng.choice(("", str(rng.randrange(200)))) for _ in names[3:]))
        for hour in range(6)
        for kind in ("AQI", "PM2.5", "PM10")
    ]
    return PortalFile(text_of([names, *rows]).encode(), names, rows)


@LAYOUTS
def wide_days(rng: Random) -> PortalFile:
    names = ("sensor", *(f"2024-03-{day:02}" for day in range(1, rng.randrange(4, 30))))
    rows = [(f"K{number}", *(f"{rng.uniform(0, 9):.1f}" for _ in names[1:])) for number in range(8)]
    return PortalFile(text_of([names, *rows], ";").encode(), names, rows)


@LAYOUTS
def eurostat_tsv(rng: Random) -> PortalFile:
    names = ("freq,unit,geo\\TIME_PERIOD", *(f"{year} " for year in range(2010, 2020)))
    values = [": ", "1.2 ", "3.4 p", "120.0 "]
    rows = [(f"A,PC,{geo}", *(rng.choice(values) for _ in names[1:])) for geo in ("AT", "BE", "BG", "CZ", "DE", "EL")]
    return PortalFile("".join("\t".join(row) + "\n" for row in (names, *rows)).encode(), names, rows)


@LAYOUTS
def dwd_padded(rng: Random) -> PortalFile:
    names = ("STATIONS_ID", "MESS_DATUM", "QN_9", "TT_TU", "RF_TU", "eor")
    rows = [
        (
            "         44",
            f"20070401{hour:02}",
            "    3",
            f"{rng.uniform(-9, 30):6.1f}",
            f"{rng.uniform(20, 99):6.1f}",
            "eor",
        )
        for hour in range(20)
    ]
    return PortalFile("".join(";".join(row) + "\r\n" for row in (names, *rows)).encode(), names, rows)


@LAYOUTS
def texts_alone(rng: Random) -> PortalFile:
    names = ("name", "street", "category")
    rows = [
        (f"{rng.choice(PLACES_)} {number}th", rng.choice(STREETS), rng.choice(("park", "pool"))) for number in range(12)
    ]
    return PortalFile(text_of([names, *rows]).encode(), names, rows)


PLACES_ = ("Garden", "Bath", "Hall")
STREETS = ("High Street, 3", "Mill Lane", "Quai d'Orsay", "Ring 5")


@LAYOUTS
def fixed_width(rng: Random) -> PortalFile:
    rows = _with_blanks(rng, rng.choice((8, 40)))
    return PortalFile(_aligned([NAMES, *rows]).encode(), NAMES, rows)


@LAYOUTS
def fixed_width_without_names(rng: Random) -> PortalFile:
    rows = _with_blanks(rng, 30)
    return PortalFile(_aligned(rows).encode(), None, rows)


def _with_blanks(rng: Random, count: int) -> list[Cells]:
    names = ("New York", "Bath", "St Ives Bay", "Ely")
    return [(*row[:2], rng.choice(names), *row[3:]) for row in table(rng, rows=count)]


def _aligned(rows: Sequence[Cells]) -> str:
    """Texts to the left, the last two columns, which are numbers, to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    pads = [str.ljust, str.ljust, str.ljust, str.rjust, str.rjust]
    lines = [[pad(cell, width) for pad, cell, width in zip(pads, row, widths, strict=True)] for row in rows]
    return "".join("  ".join(line).rstrip() + "\n" for line in lines)
