"""``citylake trial``: exit codes for CI, the terminal, the JSON document and the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.pipelines.trial.conftest import Readings


def test_the_exit_code_says_whether_rows_become_bad(readings: Readings) -> None:
    better = readings.changed(("unit: ug/m3", "unit: ug/m3, sentinels: [a lot]"))
    code, document = readings.json("trial", str(better))
    assert (code, document["exit_code"], document["datasets"][0]["became_good"]["rows"]) == (0, 0, 1)
    worse = readings.changed(("unit: ug/m3", "unit: mg/m3"))
    code, document = readings.json("trial", str(worse), "--since", "2020-01-01", "--dataset", "air.readings")
    (entry,) = document["datasets"]
    (reason,) = entry["became_bad"]["reasons"]
    assert (code, reason["code"], reason["rows"]) == (2, "VALUE_OUT_OF_RANGE", 4)
    assert set(reason["text"]) == {"zh", "en"}
    assert entry["estimated"] is None
    assert readings.call("trial", str(readings.workspace))[0] == 0
    assert readings.call("trial", "no-such-branch")[0] == 1


def test_the_terminal_shows_a_sample_first_and_then_everything(readings: Readings) -> None:
    for day in range(1, 15):
        readings.drop(f"m{day:02}.csv", f"S1,2026-04-{day:02} 08:00,{day}.5")
    assert readings.run() == 0
    change = str(readings.changed(("unit: ug/m3", "unit: ug/m3, factor: 2")))
    code, out, _ = readings.call("trial", change)
    end = out.rindex("pm25_ugm3")
    assert code == 0
    assert "≈" in out[:end]
    assert "≈" not in out[end:]
    assert "15" in out
    code, out, _ = readings.call("trial", change, "--sample", "2")
    assert (code, "2/15" in out, "≈" in out) == (0, True, True)
    code, out, _ = readings.call("trial", change, "--whole")
    assert (code, "≈" in out) == (0, False)


def test_the_page_holds_the_figures_in_both_languages_and_asks_for_nothing_else(readings: Readings) -> None:
    change = readings.changed(("unit: ug/m3", "unit: mg/m3, sentinels: [a lot]"))
    page = readings.root / "trial.html"
    code, _, _ = readings.call("trial", str(change), "--page", str(page))
    text = page.read_text("utf-8")
    assert code == 2
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"|url\((?!#)|@import', text)
    for word in ("变为不合格的行", "Rows that become bad", "VALUE_OUT_OF_RANGE", "air.station_day", "2026-03-01"):
        assert word in text
    assert "<script" not in text
    assert all(f'id="show-{language}"' in text and f"#show-{language}:checked" in text for language in ("zh", "en"))
    assert readings.call("trial", str(change), "--page", str(readings.root / "no/such/folder.html"))[0] == 1


def test_values_of_sources_are_text_in_the_page(readings: Readings) -> None:
    readings.drop("x.csv", "<b>S9</b>,2026-03-03 08:00,<script>alert(1)</script>")
    assert readings.run() == 0
    change = readings.changed(("unit: ug/m3", "unit: ug/m3, sentinels: ['<script>alert(1)</script>']"))
    page = readings.root / "trial.html"
    readings.call("trial", str(change), "--page", str(page))
    assert "&lt;script&gt;alert(1)" in page.read_text("utf-8")
    assert "<script>" not in page.read_text("utf-8")
