"""Social insurance by organisation: one workbook a month, pinyin initials, nine-character organisation codes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.enterprises import snapshot_days, write_sheet
from citylake.infra.city.generate.firms import Firm, city_firms
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, unchanged_rows
from citylake.infra.city.generate.spelling import WrittenName, write_name

INSURED_HEADER = ("ZZJGDM", "DWMC", "XZQH", "DWDZ", "CBRS", "QFYS", "QFJE")
_KEY = ("ZZJGDM", "DWMC")
_CNY_A_MONTH = 1180


def generate_insured_units(city: City) -> PlantedBatch:
    """Four of five enterprises on each snapshot; who does not pay owes a month more in the next."""
    batch = PlantedBatch("social.insured_units", _KEY, city.random("insured"))
    listed = [firm for firm in city_firms(city) if firm.number % 5 != 4]
    staff = {firm.uscc: batch.rng.choice((4, 9, 15, 22, 48, 130)) for firm in listed}
    for firm in listed:
        batch.who[firm.organisation_code] = write_name(batch.rng, firm.uscc, firm.name, exact=0.8, abbreviated=0.12)
    for later, day in enumerate(snapshot_days(city)):
        for firm in listed:
            months = firm.overdue_months + later if firm.overdue_months else 0
            written = batch.who[firm.organisation_code]
            batch.add(f"cbdw_{day:%Y%m%d}.xlsx", _fields(firm, written, staff[firm.uscc], months))
    _spoil(batch)
    batch.unchanged = unchanged_rows(batch)
    return batch


def write_insured_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one workbook per snapshot."""
    for name, records in batch.by_source().items():
        day = datetime.strptime(name, "cbdw_%Y%m%d.xlsx").replace(tzinfo=UTC)
        rows = [[fields[column] for column in INSURED_HEADER] for fields in records]
        with Workbook(folder / "files/social" / name) as book:
            # The default is the time of writing: then two runs would give different bytes.
            book.set_properties({"created": day})
            write_sheet(book.add_worksheet("CBDW"), INSURED_HEADER, *rows)


def _fields(firm: Firm, written: WrittenName, staff: int, months: int) -> RecordFields:
    return {
        "ZZJGDM": firm.organisation_code,
        "DWMC": written.name,
        "XZQH": firm.district.code,
        "DWDZ": firm.address.removeprefix("澜海市"),
        "CBRS": str(staff),
        "QFYS": str(months),
        "QFJE": f"{staff * months * _CNY_A_MONTH}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 4, _wrong_check_digit)
    batch.plant("persons in words", "VALUE_UNREADABLE", 3, replace_field("CBRS", "待核", "#N/A"))
    batch.plant("negative months", "VALUE_OUT_OF_RANGE", 2, replace_field("QFYS", "-1"))
    batch.plant("no code", "REQUIRED_MISSING", 3, replace_field("ZZJGDM", None))
    batch.plant("a district code that no list has", "CODE_UNKNOWN", 2, replace_field("XZQH", "990199"))
    batch.contradict(3, replace_field("QFJE", "777777"))
    batch.repeat(4)


def _wrong_check_digit(fields: RecordFields, _: Random) -> None:
    code = fields["ZZJGDM"] or ""
    fields["ZZJGDM"] = code[:-1] + ("1" if code[-1] in "X0" else str((int(code[-1]) + 3) % 10))
