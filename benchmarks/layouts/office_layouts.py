"""Titles, notes, units and totals around a table, as statistical offices and departments send them."""

from __future__ import annotations

from random import Random

from benchmarks.layouts.portal_file import LAYOUTS, NAMES, PortalFile, table, text_of

CHINESE = ("站点编号", "日期", "所属区", "车次", "均值")


@LAYOUTS
def padded_titles(rng: Random) -> PortalFile:
    rows = table(rng)
    titles = [("City Council payments, June 2015", "", "", "", ""), ("", "", "", "", "")][: rng.randrange(1, 3)]
    return PortalFile(text_of([*titles, NAMES, *rows]).encode(), NAMES, rows)


@LAYOUTS
def titles_with_commas(rng: Random) -> PortalFile:
    rows = table(rng)
    titles = "Trips by station, all modes\nExtracted on 3 May 2024, 10:00\n\n"
    return PortalFile((titles + text_of([NAMES, *rows])).encode(), NAMES, rows)


@LAYOUTS
def title_block_and_footnotes(rng: Random) -> PortalFile:
    rows = table(rng)
    titles = '"Table 3a: Trips by station"\n"Office for Statistics"\n"Thousands, not seasonally adjusted"\n\n'
    notes = (
        '\n"Source: Office for Statistics"\n"1. Figures for 2020 are provisional, see notes."\n"[x] not available"\n'
    )
    return PortalFile((titles + text_of([NAMES, *rows], end="\n") + notes).encode(), NAMES, rows)


@LAYOUTS
def key_value_metadata(rng: Random) -> PortalFile:
    rows = table(rng)
    head = "Data Source,World Development Indicators,\n\nLast Updated Date,2023-07-25,\n\n"
    return PortalFile((head + text_of([NAMES, *rows])).encode("utf-8-sig"), NAMES, rows)


@LAYOUTS
def two_column_series_with_metadata(rng: Random) -> PortalFile:
    head = [
        ("Title", "CPIH annual rate"),
        ("CDID", "L55O"),
        ("PreUnit", ""),
        ("Unit", "%"),
        ("Release date", "15-02-2023"),
    ]
    rows = [(str(year), f"{rng.uniform(0, 9):.1f}") for year in range(1989, 2023)]
    return PortalFile(text_of([*head, *rows], quoted=True).encode(), None, rows)


@LAYOUTS
def description_line_below(rng: Random) -> PortalFile:
    rows = table(rng)
    below = ("Identifier", "Date of measurement", "Geographic Area Name", "Estimate!!Total!!Trips", "Estimate!!Mean")
    return PortalFile(text_of([NAMES, below, *rows], quoted=True).encode(), NAMES, rows)


@LAYOUTS
def unit_line_below(rng: Random) -> PortalFile:
    rows = table(rng)
    below = rng.choice(
        (("", "", "", "[-]", "[µg/m³]"), ("-", "-", "-", "1/d", "mm"), ("string", "date", "string", "int", "double"))
    )
    return PortalFile(text_of([NAMES, below, *rows], ";").encode(), NAMES, rows)


@LAYOUTS
def unit_and_type_lines_below(rng: Random) -> PortalFile:
    rows = table(rng)
    below = [("", "", "", "n", "hPa"), ("text", "date", "text", "integer", "decimal")]
    return PortalFile(("Trips\n" + text_of([NAMES, *below, *rows])).encode(), NAMES, rows)


@LAYOUTS
def usgs_rdb(rng: Random) -> PortalFile:
    rows = table(rng, plain=True)
    head = "# U.S. Geological Survey\n#\n# retrieved: 2024-05-01, 10:00\n"
    body = "".join("\t".join(row) + "\n" for row in (NAMES, ("5s", "20d", "15s", "14n", "14n"), *rows))
    return PortalFile((head + body).encode(), NAMES, rows)


@LAYOUTS
def hxl_tags(rng: Random) -> PortalFile:
    rows = table(rng)
    tags = ("#loc+code", "#date", "#adm1 +name", "#indicator+num", "#indicator+value+mean")
    return PortalFile(text_of([NAMES, tags, *rows]).encode(), NAMES, rows)


@LAYOUTS
def chinese_titles_and_total(rng: Random) -> PortalFile:
    rows = [(*row[:2], rng.choice(("东城区", "西城区", "海淀区", "丰台区")), *row[3:]) for row in table(rng)]
    head = f"某市车流量统计表{',' * 4}\r\n导出时间：2026-03-01 08:00{',' * 4}\r\n"
    end = f"合计,,,{sum(int(row[3]) for row in rows)},\r\n制表人：李某{',' * 4}\r\n"
    return PortalFile((head + text_of([CHINESE, *rows]) + end).encode("gb18030"), CHINESE, rows)


@LAYOUTS
def total_line(rng: Random) -> PortalFile:
    rows = table(rng)
    total = (rng.choice(("Total", "TOTAL", "Grand total", "Summe", "总计")), "", "", "99", "1.0")
    return PortalFile(text_of([NAMES, *rows, total]).encode(), NAMES, rows)


@LAYOUTS
def comment_lines(rng: Random) -> PortalFile:
    rows = table(rng)
    head = f"# hourly means, station {rng.randrange(9)}\n# unit: ug/m3\n#\n"
    return PortalFile((head + text_of([NAMES, *rows], end="\n")).encode(), NAMES, rows)


@LAYOUTS
def names_in_a_comment(rng: Random) -> PortalFile:
    rows = table(rng)
    head = "# produced by logger 4\n" if rng.random() < 0.5 else ""
    return PortalFile(f"{head}# {','.join(NAMES)}\n{text_of(rows)}".encode(), NAMES, rows)


@LAYOUTS
def two_line_header(rng: Random) -> PortalFile:
    rows = table(rng)
    upper, lower = ("station", "day", "place", "", ""), ("", "", "", "trips", "value")
    if rng.random() < 0.5:
        upper, lower = ("station", "day", "place", "Traffic", ""), ("", "", "", "trips", "value")
        names = ("station", "day", "place", "Traffic trips", "Traffic value")
        return PortalFile(text_of([upper, lower, *rows]).encode(), names, rows)
    names = ("station", "day", "place", "place trips", "place value")
    return PortalFile(text_of([upper, lower, *rows]).encode(), names, rows)


@LAYOUTS
def genesis_flat(rng: Random) -> PortalFile:
    rows = [(*row[:2], "Sachsen", *row[3:]) for row in table(rng, comma=True)]
    head = "GENESIS-Tabelle: 46241-0001;;;;\nVerkehrsunfälle: Bundesländer, Tage;;;;\n"
    end = "__________;;;;\n© Statistisches Bundesamt (Destatis), 2024;;;;\n"
    return PortalFile((head + text_of([NAMES, *rows], ";", end="\n") + end).encode("cp1252"), NAMES, rows)


@LAYOUTS
def insee_metadata(rng: Random) -> PortalFile:
    rows = table(rng, comma=True)
    head = '"Séries longues de trafic"\n"Dernière mise à jour";"12/05/2024 à 08:45"\n\n'
    return PortalFile((head + text_of([NAMES, *rows], ";", quoted=True)).encode(), NAMES, rows)


@LAYOUTS
def excel_text_numbers(rng: Random) -> PortalFile:
    rows = [(f'="{row[0][1:]}"', *row[1:]) for row in table(rng, plain=True)]
    return PortalFile("".join(",".join(row) + "\r\n" for row in (NAMES, *rows)).encode(), NAMES, rows)


@LAYOUTS
def blank_delimited_rows_at_the_end(rng: Random) -> PortalFile:
    rows = table(rng)
    return PortalFile((text_of([NAMES, *rows]) + ",,,,\r\n" * rng.randrange(1, 6)).encode(), NAMES, rows)


@LAYOUTS
def note_after_a_blank_line(rng: Random) -> PortalFile:
    rows = table(rng)
    note = rng.choice(
        ("Note: preliminary figures, subject to revision", "* estimated", "数据来源：市统计局", "12 rows exported")
    )
    return PortalFile((text_of([NAMES, *rows]) + "\r\n" + note + "\r\n").encode(), NAMES, rows)


@LAYOUTS
def council_spending(rng: Random) -> PortalFile:
    names = ("Body Name", "Body", "Service Division Label", "Date", "Amount", "Supplier (T) Name", "Notes")
    rows = [
        (
            "North Borough Council",
            "E0700",
            rng.choice(("Parks", "Roads, Streets")),
            f"{day:02}/06/2015",
            f"{rng.uniform(1, 9000):,.2f}",
            "Acme Ltd",
            "",
        )
        for day in range(1, rng.choice((4, 25)))
    ]
    head = "North Borough Council,,,,,,\nSpend over £500,,June 2015,,,,\n,,,,,,\n"
    return PortalFile((head + text_of([names, *rows])).encode("cp1252"), names, rows)


@LAYOUTS
def grouped_first_column(rng: Random) -> PortalFile:
    names = ("Region", "Year", "Births", "Deaths")
    rows = [
        (region if year == 2018 else "", str(year), f"{rng.randrange(9999):,}", str(rng.randrange(999)))
        for region in ("North", "South", "East")
        for year in (2018, 2019, 2020)
    ]
    return PortalFile(("Vital statistics\n\n" + text_of([names, *rows])).encode(), names, rows)


@LAYOUTS
def text_table_with_titles(rng: Random) -> PortalFile:
    names = ("Name", "Address", "Postcode", "Type")
    rows = [
        (
            f"{rng.choice(('St Mary', 'Hill', 'Park'))} School",
            "High Street, York",
            rng.choice(("YO1 7HH", "YO24 1AA")),
            "Primary",
        )
        for _ in range(9)
    ]
    return PortalFile(("List of schools\nAs at 1 September 2023\n" + text_of([names, *rows])).encode(), names, rows)


@LAYOUTS
def indented_by_an_empty_column(rng: Random) -> PortalFile:
    rows = [("", *row) for row in table(rng)]
    head = ",Trips by station,,,,\n,,,,,\n"
    names = ("column_1", *NAMES)
    return PortalFile((head + text_of([("", *NAMES), *rows])).encode(), names, rows)


@LAYOUTS
def quarters_in_text(rng: Random) -> PortalFile:
    names = ("Period", "Area code", "Rate")
    rows = [
        (f"{year} Q{quarter}", f"E0{rng.randrange(100, 999)}", f"{rng.uniform(0, 9):.1f}%")
        for year in (2019, 2020)
        for quarter in (1, 2, 3, 4)
    ]
    return PortalFile(("Table 2,,\nRate by quarter,,\n,,\n" + text_of([names, *rows])).encode(), names, rows)


@LAYOUTS
def header_with_line_breaks(rng: Random) -> PortalFile:
    names = ("station", "day", "place\n(name)", "trips\n(number)", "value")
    rows = table(rng)
    return PortalFile(("Trips\n" + text_of([names, *rows])).encode(), names, rows)


@LAYOUTS
def title_above_years(rng: Random) -> PortalFile:
    names = ("Commune", *(str(year) for year in range(2015, 2023)))
    rows = [
        (name, *(f"{rng.randrange(99999)}" for _ in names[1:])) for name in ("Lyon", "Nice", "Metz", "Pau", "Brest")
    ]
    return PortalFile(("Population municipale;;;;;;;;\n" + text_of([names, *rows], ";")).encode(), names, rows)


@LAYOUTS
def group_line_and_units(rng: Random) -> PortalFile:
    rows = table(rng)
    upper, below = ("", "", "", "Traffic", ""), ("", "", "", "n/h", "km/h")
    return PortalFile(text_of([upper, NAMES, below, *rows]).encode(), NAMES, rows)


@LAYOUTS
def percent_and_currency(rng: Random) -> PortalFile:
    names = ("Ward", "Budget", "Change")
    rows = [
        (f"Ward {number}", f"£{rng.randrange(1000, 99999):,}", f"{rng.uniform(-9, 9):.1f}%") for number in range(1, 14)
    ]
    end = ("Total", "£999,999", "")
    return PortalFile(("Budget 2024/25\n" + text_of([names, *rows, end])).encode(), names, rows)


@LAYOUTS
def notes_with_commas_at_the_end(rng: Random) -> PortalFile:
    rows = table(rng)
    notes = "\nNotes:\n1) Excludes Sundays, and strikes.\n2) Rounded, so sums may differ.\nLast updated: 3 May 2024\n"
    return PortalFile((text_of([NAMES, *rows]) + notes).encode(), NAMES, rows)
