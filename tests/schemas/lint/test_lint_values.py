"""Words for values that mean nothing for their element, or contradict each other, are refused with what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.lint import lint_workspace
from tests.declared import declare_packs

CONTRACT = """
dataset: air.trial
title: {zh: 试, en: trial}
owner: {department: 局}
source: {connector: files, path: "x/*.csv", format: csv}
fields:
  v: {%s}
write: {mode: append}
"""


@pytest.mark.parametrize(
    ("binding", "code", "suggestion"),
    [
        ('element: air.station_code, decimal: ","', "WORD_NOT_FOR_TYPE", "integer, decimal"),
        ("element: air.station_code, factor: 0.1", "WORD_NOT_FOR_TYPE", "decimal"),
        ("element: traffic.vehicle_class, words: {car: 1}", "WORD_NOT_FOR_TYPE", "codes"),
        ("element: air.pm25, precision: true", "WORD_NOT_FOR_TYPE", "datetime"),
        ("element: air.pm25, span: {latest: 1d}", "WORD_NOT_FOR_TYPE", "date"),
        ('element: air.pm25, decimal: ",", thousands: ","', "NUMBER_SIGNS_CONFLICT", 'thousands: "."'),
        ('element: air.pm25, decimal: ",", clean: [thousands]', "NUMBER_SIGNS_CONFLICT", 'thousands: "."'),
        ("element: air.station_name, qualifier: true", "WORD_NOT_FOR_TYPE", "decimal"),
        ("element: time.day, format: '%Y-%m-%d', label: end, period: 1d", "WORD_NOT_FOR_TYPE", "datetime"),
        ("element: air.station_code, interval: true", "WORD_NOT_FOR_TYPE", "decimal"),
        ("element: air.pm25, interval: true, qualifier: true", "WORDS_EXCLUSIVE", "qualifier"),
        ("element: air.pm25, words: {Calm: 0}, sentinels: [Calm]", "WORD_IS_SENTINEL", "sentinels"),
        ('element: air.pm25, split: {by: ",", part: 2, of: 2}', "SPLIT_PART_UNKNOWN", "part: 1"),
        ("element: air.pm25, split: {part: 2}", "DECLARATION_INCONSISTENT", ""),
        ("element: air.pm25, split: {pattern: '(a', group: a}", "DECLARATION_INCONSISTENT", ""),
        ("element: air.pm25, split: {pattern: '(?P<a>.)(?=b)', group: a}", "PATTERN_UNREADABLE", ""),
        ("element: air.pm25, qualifier: {names: {}}", "DECLARATION_INCONSISTENT", ""),
        ("element: organisation.established_on, format: '%Y||%Y-%m-%d'", "PRECISION_LOST", "precision: true"),
        ("element: organisation.established_on, format: '%Y', precision: true", "PRECISION_CONSTANT", "format"),
        ("element: air.no2, unit: ppb, gas: {temperature_k: 293.15}", "GAS_STATE_DIFFERS", "temperature_k: 298.15"),
        ("element: air.pm25, unit: ug/m3, gas: {temperature_k: 293.15}", "GAS_WITHOUT_SPECIES", "molar_mass"),
        ("element: air.own, unit: ppb", "GAS_STATE_MISSING", "temperature_k"),
        ("element: time.observed_at, format: '%Y', zone: {from: z, names: {A: Mars/Olympus}}", "ZONE_UNKNOWN", ""),
        (
            "element: time.observed_at, format: '%Y-%m-%d %H', hours: elapsed, zone: {from: z, names: {A: UTC}}",
            "DECLARATION_INCONSISTENT",
            "",
        ),
    ],
)
def test_each_fault_has_its_code_and_what_to_write(tmp_path: Path, binding: str, code: str, suggestion: str) -> None:
    found = [each for each in lint_workspace(_workspace(tmp_path, binding)) if each.code == code]
    assert len(found) == 1, [each.say("en") for each in lint_workspace(tmp_path)]
    assert suggestion in found[0].suggestion
    assert all("{" not in found[0].say(language).replace("gas: {", "") for language in ("zh", "en"))


@pytest.mark.parametrize(
    "binding",
    [
        "element: air.own, unit: ppb, gas: {temperature_k: 293.15, pressure_hpa: 1013.25}",
        "element: air.no2, unit: ug/m3, gas: {temperature_k: 273.15}",
        "element: air.nox, unit: ppb",
        'element: air.pm25, thousands: "."',
        "element: air.pm25, words: {Trace: {value: 0, qualifier: T}}, factor: {from: f}",
    ],
)
def test_words_that_fit_are_no_fault(tmp_path: Path, binding: str) -> None:
    assert [each.say("en") for each in lint_workspace(_workspace(tmp_path, binding))] == []


def _workspace(root: Path, binding: str) -> Path:
    workspace = root / "workspace"
    declare_packs(workspace)
    own = workspace / "elements/air.yaml"
    own.parent.mkdir()
    own.write_text(OWN, "utf-8")
    file = workspace / "datasets/air/trial.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(CONTRACT % binding, "utf-8")
    return workspace


OWN = """
- id: air.own
  symbol: own_ugm3
  name: {zh: 自定义, en: own}
  definition: {zh: 以二氧化氮计的氮氧化物, en: nitrogen oxides as nitrogen dioxide}
  object_class: 空气
  property: 浓度
  representation: quantity
  type: decimal
  format: "n..10,4"
  unit: ug/m3
  gas: {molar_mass_g_mol: 46.0055}
"""
