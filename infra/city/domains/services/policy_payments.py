"""What the treasury paid to enterprises: a fixed-width text with codes and amounts in 万元, GB18030."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.firms import city_firms
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.uscc import spoil_check_digit

PAYMENTS_FILE = "zf_202603.txt"
_WIDTHS = {"BFBH": 12, "ZCBH": 10, "SKDM": 18, "JE": 10, "BFRQ": 8, "ZT": 4}
_PAYABLE = (("HQ2026001", "C", "3.50"), ("HQ2026002", "FHIL", "1.20"), ("HQ2026003", "CEFGHIJLM", "2.00"))
_SHARE, _MISTAKEN = 0.45, 0.05
"""Who is paid, of those who owe nothing and are known to the tax authority, and of the others."""


def generate_payments(city: City) -> PlantedBatch:
    """Payments of the first months: by what the departments had at hand then, so that some are wrong."""
    batch, number = PlantedBatch("government.policy_payments", ("BFBH", "SKDM"), city.random("payments")), 0
    firms = city_firms(city)
    for policy, sections, amount in _PAYABLE:
        for firm in firms:
            share = _MISTAKEN if firm.overdue_months or firm.number % 5 > 2 else _SHARE
            if firm.section in sections and batch.rng.random() < share:
                number += 1
                day = city.start + timedelta(days=batch.rng.randrange(city.days))
                batch.add(PAYMENTS_FILE, _fields(batch.rng, number, policy, firm.uscc, amount, f"{day:%Y%m%d}"))
    _spoil(batch)
    return batch


def write_payments_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the text, each field at its place."""
    rows = batch.of(PAYMENTS_FILE)
    lines = ["".join((fields[name] or "").ljust(width) for name, width in _WIDTHS.items()) for fields in rows]
    (folder / "files/services" / PAYMENTS_FILE).write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))


def _fields(rng: Random, number: int, policy: str, uscc: str, amount: str, day: str) -> RecordFields:
    return {
        "BFBH": f"BF26{number:08d}",
        "ZCBH": policy,
        "SKDM": uscc,
        "JE": amount,
        "BFRQ": day,
        "ZT": "退回" if rng.random() < 0.03 else "已付",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 3, _wrong_check_digit)
    batch.plant("paid, but nothing", "PAYMENT_WITHOUT_AMOUNT", 3, _pay_nothing)
    batch.plant("a negative amount", "VALUE_OUT_OF_RANGE", 2, replace_field("JE", "-3.50"))
    batch.plant("a state that no list has", "CODE_UNKNOWN", 2, replace_field("ZT", "在途"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 2, replace_field("BFRQ", "20260231"))
    batch.contradict(2, replace_field("JE", "9.99"))
    batch.repeat(2)


def _pay_nothing(fields: RecordFields, _: Random) -> None:
    fields["JE"], fields["ZT"] = "0.00", "已付"


def _wrong_check_digit(fields: RecordFields, _: Random) -> None:
    fields["SKDM"] = spoil_check_digit(fields["SKDM"] or "")
