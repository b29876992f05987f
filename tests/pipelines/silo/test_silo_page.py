"""The page of the silo map: the numbers of the map in both languages, and SQL that gives them."""

from __future__ import annotations

import json
from pathlib import Path

from citylake.pipelines.silo.join_views import open_join_views
from citylake.pipelines.silo.silo_map import measure_silo
from citylake.pipelines.site.report.build_report import build_report
from citylake.schemas.words.message_catalogue import translate_key
from tests.pipelines.silo.silo_lake import SiloLake


def test_the_page_has_the_numbers_of_the_map_and_sql_that_gives_them(tmp_path: Path) -> None:
    city = SiloLake(tmp_path)
    for name in ("credit_code", "case_no"):
        city.element(name, "id")
    write = {"mode": "append"}
    fields = {"credit_code": "credit_code", "case_no": "case_no"}
    taxed: dict[str, list[str | None]] = {"credit_code": ["A", "B", "C", None], "case_no": ["1", "2", "3", "4"]}
    city.dataset("tax.payers", fields, taxed, write, "税务局")
    city.dataset("env.permits", {"credit_code": "credit_code"}, {"credit_code": ["B", "D", "D"]}, write, "生态环境局")
    city.dataset("water.gauges", {"case_no": "case_no"}, {"case_no": ["9"]}, write, "水务局")
    found = measure_silo(city.registry, city.lake)
    build_report(city.lake, city.registry, str(tmp_path / "site"), charts=False, silo=found)
    document = json.loads((tmp_path / "site/data/silo.json").read_text("utf-8"))
    cells = {
        (row["department"], other): cell["share"]
        for row in document["rows"]
        for other, cell in zip(document["departments"], row["cells"], strict=True)
    }
    assert cells["税务局", "生态环境局"] == 1 / 3
    assert cells["生态环境局", "税务局"] == 1 / 2
    assert cells["水务局", "税务局"] == 0.0
    assert cells["水务局", "生态环境局"] is None
    with open_join_views(city.lake, city.registry, sorted(city.registry.contracts)) as connection:
        for pair in document["pairs"]:
            for each in pair["domains"]:
                assert connection.execute(each["statement"]).fetchone() == (each["met"],)
    for language in ("zh", "en"):
        page = (tmp_path / "site" / language / "silo.html").read_text("utf-8")
        assert "33.33 %" in page
        assert translate_key("silo.acts", language) in page
        assert 'href="silo.html"' in (tmp_path / "site" / language / "index.html").read_text("utf-8")
