# ruff: noqa: E501 (a row a fault)
"""One fault at a time in a workspace that is clean without it: its code, its line, and what lint would write instead."""

from pathlib import Path
from typing import Any

import pytest

from citylake.schemas.lint import lint_workspace

ELEMENTS, CODES = "elements/all.yaml", "codes/traffic.yaml"
CONTRACT, SITES = "datasets/traffic/detector.yaml", "datasets/place/sites.yaml"
PAGED = "  connector: rest_paged\n  paging: {by: page, param: page}\n"
MART, SQL = "marts/speeds/mart.yaml", "marts/speeds/site_hour.sql"

# file, what stands there, what is written instead, issue code, text of the line it must name, part of the suggestion
FAULTS = [
    (ELEMENTS, "  symbol: phone", "  symbol: phone\n   bad: [", "YAML_UNREADABLE", "   bad: [", ""),
    (ELEMENTS, "  symbol: phone", "  symbol: phone\n  symbol: tel", "KEY_TWICE", "  symbol: tel", ""),
    (ELEMENTS, "  object_class: 人", "  objectclass: 人\n  object_class: 人", "KEY_UNKNOWN", "  objectclass", "object_class"),
    (ELEMENTS, "  property: 电话\n", "", "KEY_MISSING", "- id: person.phone", ""),
    (ELEMENTS, "{grade: L3,", "{grade: L9,", "VALUE_NOT_ALLOWED", "grade: L9", "L1, L2, L3"),
    (ELEMENTS, "  symbol: phone", "  symbol: TelNo", "NAME_UNGRAMMATICAL", "symbol: TelNo", "tel_no"),
    (ELEMENTS, "- id: person.phone", "- id: phone", "NAME_UNGRAMMATICAL", "- id: phone", "subject.phone"),
    (ELEMENTS, "- id: person.phone", "- id: time.seen_at", "ID_TWICE", "- id: time.seen_at@2", ""),
    (ELEMENTS, "format: n..9,6", "format: n..", "FORMAT_UNREADABLE", "format: n..", "n..9,2"),
    (ELEMENTS, "format: n..9,6", "format: an..9", "FORMAT_TYPE_MISMATCH", "format: an..9", "n..9,2"),
    (ELEMENTS, "format: n..9,6", "format: YYYYMM", "FORMAT_TYPE_MISMATCH", "format: YYYYMM", "n..9,2"),
    (ELEMENTS, "  unit: km/h\n", "", "UNIT_MISSING", "  representation: quantity@3", ""),
    (ELEMENTS, "unit: km/h", "unit: kmm/h", "UNIT_UNKNOWN", "unit: kmm/h", "km/h"),
    (ELEMENTS, "  unit: km/h\n", "  unit: km/h\n  measure: sum\n", "VALUE_NOT_ALLOWED", "measure: sum", "stock, flow, intensity"),
    (ELEMENTS, "  unit: km/h\n", "  unit: km/h\n  label: end\n", "ELEMENT_WORD_MISPLACED", "label: end", ""),
    (ELEMENTS, "  unit: km/h\n", "  unit: km/h\n  weight: traffic.mean_speed\n", "ELEMENT_WORD_MISPLACED", "weight: traffic", ""),
    (ELEMENTS, "  unit: km/h\n", "  unit: km/h\n  measure: intensity\n  weight: traffic.flows\n", "ELEMENT_UNKNOWN", "weight: traffic", "traffic."),
    (ELEMENTS, "  unit: km/h\n", "  unit: km/h\n  measure: intensity\n  weight: traffic.mean_speed\n", "WEIGHT_NOT_ADDITIVE", "weight: traffic", ""),
    (MART, "number of readings}}", "number of readings}, unit: kmm}", "UNIT_UNKNOWN", "unit: kmm", "km"),
    (ELEMENTS, "symbol: mean_speed_kmh", "symbol: mean_speed", "SYMBOL_WITHOUT_UNIT", "symbol: mean_speed", "mean_speed_kmh"),
    (ELEMENTS, "type: string\n  format: an..12", "type: integer", "IDENTIFIER_NUMERIC", "type: integer", "string"),
    (ELEMENTS, "  codes: traffic.kind\n", "", "CODE_LIST_MISSING", "representation: code", "traffic.kind"),
    (ELEMENTS, "codes: traffic.kind", "codes: traffic.kinds", "CODE_LIST_UNKNOWN", "codes: traffic.kinds", "traffic.kind"),
    (ELEMENTS, "  note: 1-是, 0-否\n", "", "INDICATOR_WITHOUT_PAIR", "representation: indicator", "1-是"),
    (ELEMENTS, "  format: an..12", "  pattern: '[a-'", "PATTERN_UNREADABLE", "pattern: '[a-'", ""),
    (ELEMENTS, "  format: an..12", "  pattern: '^(?!0)[0-9]+$'", "PATTERN_UNREADABLE", "pattern: '^(?!0)", ""),
    (CODES, "successors: [K2]", "successors: [K7]", "SUCCESSOR_UNKNOWN", "K1", "K2"),
    (CODES, "{code: K3,", "{code: K2,", "VALIDITY_OVERLAP", "小型客车", ""),
    (CODES, "valid_to: 2020-01-01", "valid_to: 2020-01-01, valid_from: 2021-01-01", "VALIDITY_EMPTY", "K1", ""),
    (CODES, "aliases: [小客, 轿车]", "aliases: [中客]", "ALIAS_TWICE", "小型客车", ""),
    (CODES, "to: traffic.kind\n", "to: traffic.knid\n", "ELEMENT_UNKNOWN", "to: traffic.knid", "traffic.kind"),
    (CODES, "小汽车: K3", "小汽车: 轿", "CODE_TARGET_UNKNOWN", "小汽车", "K3"),
    (CODES, "code: K1,", "code: 11,", "VALUE_MALFORMED", "大型客车", ""),
    (CONTRACT, "element: traffic.mean_speed", "element: traffic.avg_speed", "ELEMENT_UNKNOWN", "traffic.avg_speed", "traffic.mean_speed"),
    (CONTRACT, "element: traffic.mean_speed", "element: 车速", "ELEMENT_UNKNOWN", "element: 车速", "traffic.mean_speed"),
    (ELEMENTS, "id: person.phone", "id: person.2Phone", "NAME_UNGRAMMATICAL", "person.2Phone", "person_2_phone"),
    (CONTRACT, "unit: m/s", "unit: mg/m3", "UNIT_INCOMPATIBLE", "unit: mg/m3", ""),
    (CONTRACT, "unit: m/s", "unit: m/ss", "UNIT_UNKNOWN", "unit: m/ss", "m/s"),
    (CONTRACT, "unit: m/s", "unit: {from: 单位, name: {}}", "KEY_UNKNOWN", "unit: {from", "names"),
    (CONTRACT, "    unit: m/s", "    unit: m/s\n    pad: 4", "TEXT_SETTING_UNFIT", "pad: 4", ""),
    (CONTRACT, "    unit: m/s", "    unit: m/s\n    invisible: remove", "TEXT_SETTING_UNFIT", "invisible: remove", ""),
    (CONTRACT, "place.site_code, required: true", "place.site_code, unit: m", "UNIT_UNEXPECTED", "设备", ""),
    (CONTRACT, "place.site_code, required: true", "place.site_code, separator: ';'", "SEPARATOR_WITHOUT_CODES", "设备", ""),
    (CONTRACT, '    format: "%Y-%m-%d %H"\n', "", "TIME_FORMAT_MISSING", "element: time.hour_start", "format:"),
    (CONTRACT, '"%Y-%m-%d %H"', '"yyyy-MM-dd HH"', "TIME_FORMAT_FOREIGN", "yyyy", "%Y-%m-%d %H"),
    (CONTRACT, '"%Y-%m-%d %H"', '"%s"', "TIME_DIRECTIVE_UNSUPPORTED", "%s", "epoch_s"),
    (
        CONTRACT,
        '"%Y-%m-%d %H"',
        '"%d/%m/%Y %H||%m/%d/%Y %H"',
        "TIME_ORDER_AMBIGUOUS",
        "%m/%d/%Y",
        "%d/%m/%Y",
    ),
    (CONTRACT, '"%Y-%m-%d %H"', '"%Y-%m-%d %H:%m"', "TIME_DIRECTIVE_TWICE", "%H:%m", "%H:%M"),
    (CONTRACT, '"%Y-%m-%d %H"', '"%Y-%M-%d %H"', "TIME_DIRECTIVE_MISSING", "%Y-%M-%d", "%Y-%m-%d"),
    (CONTRACT, '"%Y-%m-%d %H"', '"%Y/%m/%d||%m-%d %H"', "TIME_DIRECTIVE_MISSING", "%m-%d %H", "%Y-%m-%d"),
    (CONTRACT, '"%Y-%m-%d %H"', '"%Y-%m-%dT%H:%M:%SZ"', "TIME_ZONE_IGNORED", "%SZ", "%S%z"),
    (CONTRACT, '"%Y-%m-%d %H"', '"%Y-%m-%d %I %p"\n    hours: elapsed', "HOUR_NOT_IN_FORMAT", "%I %p", "%H"),
    (CONTRACT, '"%Y-%m-%d %H"', '"%Y-%m-%d %H:%M%z"\n    repeated: [A, B]', "HOUR_NOT_IN_FORMAT", "%M%z", "%H"),
    (CONTRACT, "zone: Asia/Shanghai\n", "zone: Etc/GMT+8\n", "ZONE_SIGN_REVERSED", "zone: Etc/GMT+8", "Etc/GMT-8"),
    (CONTRACT, "zone: Asia/Shanghai\n", "", "ZONE_MISSING", "element: time.hour_start", "zone: Asia/Shanghai"),
    (CONTRACT, "zone: Asia/Shanghai\n", "zone: Asia/Shanghia\n", "ZONE_UNKNOWN", "zone: Asia", "Asia/Shanghai"),
    (CONTRACT, "element: time.hour_start", "element: time.seen_at\n    as: hour_start", "LABEL_WITHOUT_PERIOD", "label: end", "period: 1h"),
    (CONTRACT, "frame: GCJ-02, pair: 纬度", "frame: GCJ-02", "FRAME_WITHOUT_PAIR", "  经度", "纬度"),
    (CONTRACT, "pair: 纬度", "pair: 纬度值", "PAIR_UNKNOWN", "  经度", "纬度"),
    (CONTRACT, "大: K1", "大: K9", "CODE_TARGET_UNKNOWN", "codes:", "K1"),
    (CONTRACT, "    unit: m/s", "    unit: m/s\n    lookup: traffic.kind_name", "CROSSWALK_UNKNOWN", "lookup:", "traffic.kind_names"),
    (CONTRACT, "  车型:\n    element: traffic.kind", "  车型: {element: traffic.kind, as: site_code}\n  x:\n    element: traffic.kind", "COLUMN_TWICE", "  车型:", "as:"),
    (CONTRACT, "issue: TOO_FAST_FOR_A_COACH\n", "issue: to fast\n", "VALUE_MALFORMED", "issue: to fast", ""),
    (CONTRACT, "en: \"{column} is", "en: \"{colum} is", "PLACEHOLDERS_DIFFER", "text:", ""),
    (CONTRACT, "    text: {zh: \"{column} 过快\", en: \"{column} is too fast\"}\n", "", "ISSUE_UNDECLARED", "issue: TOO_FAST", ""),
    (CONTRACT, "AND vehicle_kind = 'K1'", "AND AND", "RULE_UNREADABLE", "when:", ""),
    (CONTRACT, "AND vehicle_kind = 'K1'", "AND (SELECT count(*) FROM read_csv('/etc/passwd')) > 0", "RULE_UNREADABLE", "when:", ""),
    (CONTRACT, 'cron: "0 1 * * *"', "cron: daily", "CRON_INVALID", "schedule:", "0 0 * * *"),
    (CONTRACT, 'cron: "0 1 * * *"', 'cron: "30 25 * * *"', "CRON_INVALID", "schedule:", "30 1 * * *"),
    (CONTRACT, 'cron: "0 1 * * *"', 'cron: "0 0 30 2 *"', "CRON_INVALID", "schedule:", "30 1 * * *"),
    (CONTRACT, 'cron: "0 1 * * *"', 'cron: "0 1 * * *", late_days: -1', "VALUE_MALFORMED", "schedule:", ""),
    (CONTRACT, "mean_speed_kmh > 120", "avg(mean_speed_kmh) > 120", "RULE_UNREADABLE", "when:", ""),
    (CONTRACT, "mean_speed_kmh > 120", "_row > 120", "RULE_COLUMN_UNKNOWN", "when:", ""),
    (CONTRACT, "place.site_code, required: true", "place.site_code, optional: true", "OPTIONAL_COLUMN_NEEDED", "  设备:", ""),
    (SITES, "mode: upsert,", "mode: snapshot, effective: valid_from,", "COLUMN_UNKNOWN", "write:", "site_code"),
    (SITES, "mode: upsert,", "mode: snapshot, effective: site_code,", "EFFECTIVE_NOT_DATE", "write:", ""),
    (CONTRACT, "AND vehicle_kind = 'K1'", "AND vehicle_kind IN (SELECT x FROM y)", "RULE_UNREADABLE", "when:", ""),
    (CONTRACT, "mean_speed_kmh > 120", "mean_speed > 120", "RULE_COLUMN_UNKNOWN", "when:", "mean_speed_kmh"),
    (CONTRACT, "key: [site_code, hour_start]", "key: [site_code, hour]", "COLUMN_UNKNOWN", "write:", "hour_start"),
    (CONTRACT, "day(hour_start)", "day(hour_begin)", "COLUMN_UNKNOWN", "write:", "hour_start"),
    (CONTRACT, "day(hour_start)", "day(site_code)", "PARTITION_NOT_IN_TIME", "write:", "hour_start"),
    (CONTRACT, "{mean_speed_kmh: 0.9}", "{mean_speed: 0.9}", "COLUMN_UNKNOWN", "completeness:", "mean_speed_kmh"),
    (CONTRACT, "unique: [[site_code, hour_start]]", "unique: [[site]]", "COLUMN_UNKNOWN", "unique:", "site_code"),
    (CONTRACT, "dataset: place.sites", "dataset: place.site", "REFERENCED_DATASET_UNKNOWN", "columns: [site_code]", "place.sites"),
    (CONTRACT, "keys: [site_code]", "keys: [code]", "COLUMN_UNKNOWN", "columns: [site_code]", "site_code"),
    (CONTRACT, "keys: [site_code]", "keys: [site_code, site_code]", "REFERENCE_UNEVEN", "columns: [site_code]", ""),
    (CONTRACT, "mode: upsert, key: [site_code, hour_start]", "mode: upsert", "DECLARATION_INCONSISTENT", "write:", ""),
    (CONTRACT, "dataset: traffic.detector\n", "dataset: traffic.detectors\n", "DATASET_MISPLACED", "dataset:", "datasets/traffic/detectors.yaml"),
    (CONTRACT, "references:", "drift: {retyped: report}\nreferences:", "DECLARATION_INCONSISTENT", "drift:", ""),
    (CONTRACT, "references:", "drift: {accept: {vehicle: [K1]}}\nreferences:", "COLUMN_UNKNOWN", "drift:", "vehicle_kind"),
    (CONTRACT, "references:", "drift: {accept: {mean_speed_kmh: [K1]}}\nreferences:", "ACCEPT_NO_CATEGORY", "drift:", "vehicle_kind"),
    (SITES, "connector: http", "connector: htp", "CONNECTOR_UNKNOWN", "connector: htp", "http"),
    (SITES, "  url:", "  urll:", "KEY_UNKNOWN", "urll:", "url"),
    (SITES, "format: json", "format: {type: json, record: data}", "KEY_UNKNOWN", "format:", "records"),
    (SITES, '"${CITY_URL}/sites"', "https://me:secret@city.example/sites", "SECRET_WRITTEN", "url:", ""),
    (SITES, '"${CITY_URL}/sites"', "https://city.example/sites?appKey=0123", "SECRET_WRITTEN", "url:", ""),
    (SITES, "  format: json", "  params: {access_token: abc}\n  format: json", "SECRET_WRITTEN", "params:", ""),
    (SITES, "  connector: http", PAGED + "  params: {biz: {access_token: abc}}", "SECRET_WRITTEN", "params:", ""),
    (SITES, "  connector: http", PAGED + "  sign: {url: /sign, params: {app_secret: abc}}", "SECRET_WRITTEN", "sign:", ""),
    (SITES, "  format: json", "  headers: {Authorization: Bearer abc}\n  format: json", "SECRET_WRITTEN", "headers:", ""),
    (MART, "  site_hour:", "  site_hours:", "MART_SQL_MISSING", "site_hours:", "site_hour"),
    (MART, "element: traffic.mean_speed", "element: traffic.speed", "ELEMENT_UNKNOWN", "traffic.speed", "traffic.mean_speed"),
    (MART, "site_code: {element: place.site_code}", "site_code: {element: person.phone}", "GRADE_TOO_HIGH", "person.phone", "L3"),
    (MART, "grain: [site_code,", "grain: [site,", "COLUMN_UNKNOWN", "grain:", "site_code"),
    (MART, "      readings: {text: {zh: 读数个数, en: number of readings}}\n", "", "MART_COLUMNS_DIFFER", "columns:", "readings"),
    (MART, "audience: {zh: 公众, en: the public}", "audience: {zh: 公众, en: the public}\noptional: {air.rain: {x: place.sitecode}}", "ELEMENT_UNKNOWN", "optional:", "place.site_code"),
    (MART, "audience: {zh: 公众, en: the public}", "audience: {zh: 公众, en: the public}\noptional: {traffic.detector: {site: place.site_code}}", "COLUMN_UNKNOWN", "optional:", "site_code"),
    (MART, "readings: {text: {zh: 读数个数, en: number of readings}}", "readings: {}", "COLUMN_WITHOUT_MEANING", "readings:", ""),
    (SQL, "FROM traffic.detector", "FROM traffic.detectors", "MART_TABLE_UNKNOWN", "FROM traffic.detectors", "traffic.detector"),
    (SQL, "SELECT", "DELETE", "MART_SQL_UNREADABLE", "DELETE", ""),
    ("workspace.yaml", "packs: []", "packs: []\ntimezone: Asia/Shangai", "ZONE_UNKNOWN", "timezone:", "Asia/Shanghai"),
    ("workspace.yaml", "packs: []", "packs: []\ntimezone: Factory", "ZONE_UNKNOWN", "timezone:", ""),
    ("workspace.yaml", "packs: []", "packs: []\nupkeep: {cron: '@daily'}", "CRON_INVALID", "upkeep:", "0 0 * * *"),
    ("workspace.yaml", "packs: []", "packs: []\nextend: x", "KEY_UNKNOWN", "extend:", "extends"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "code", "line", "suggestion"), FAULTS, ids=[f"{f[3]}-{i}" for i, f in enumerate(FAULTS)])  # fmt: skip
def test_each_fault_is_told_at_its_line_with_a_suggestion(
    broken: Any, clean: Path, name: str, old: str, new: str, code: str, line: str, suggestion: str
) -> None:
    found = [each for each in broken(name, old, new) if each.code == code]
    assert found, [each.say("en") for each in lint_workspace(clean)]
    expected, _, nth = line.partition("@")
    lines = (clean / name).read_text(encoding="utf-8").splitlines()
    at = [number for number, text in enumerate(lines, 1) if expected in text]
    assert (found[0].path, found[0].line) == (clean / name, at[int(nth or 1) - 1])
    assert suggestion in found[0].suggestion
    assert len({(each.line, each.message("en")) for each in found}) == len(found), "told twice"
    for language in ("zh", "en"):
        assert "{" not in found[0].say(language).replace("{zh: …, en: …}", "").replace("{grade:", "").replace(
            "{from", ""
        )


def test_the_workspace_without_a_fault_is_clean(clean: Path) -> None:
    assert lint_workspace(clean) == []


def test_an_sql_file_that_no_table_declares_is_told(clean: Path) -> None:
    (clean / "marts/speeds/old.sql").write_text("SELECT 1", encoding="utf-8")
    (found,) = lint_workspace(clean)
    assert (found.code, found.path.name, found.line) == ("MART_SQL_EXTRA", "old.sql", 1)


def test_a_file_of_elements_that_is_no_list_is_told(clean: Path) -> None:
    (clean / "elements/more.yaml").write_text("id: a.b\n", encoding="utf-8")
    assert [each.code for each in lint_workspace(clean)] == ["DOCUMENT_NOT_A_LIST"]


def test_issue_types_are_unique_and_say_the_same_in_both_languages(clean: Path) -> None:
    issue = (
        "- code: ODD\n  scope: row\n  severity: error\n  responsible: lake\n  dimension: none\n"
        "  text: {zh: '{a}', en: '{b}'}\n  advice: {zh: x, en: x}\n"
    )
    (clean / "issues").mkdir()
    (clean / "issues/own.yaml").write_text(issue + issue.replace("{b}", "{a}"), encoding="utf-8")
    assert [(each.code, each.line) for each in lint_workspace(clean)] == [("PLACEHOLDERS_DIFFER", 6), ("ID_TWICE", 8)]


def test_a_workspace_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    assert [each.code for each in lint_workspace(tmp_path / "nowhere")] == ["WORKSPACE_MISSING"]
