from collections.abc import Callable
from pathlib import Path

import pytest

from citylake.schemas.lint import LintFinding, lint_workspace

ELEMENTS = """
- id: place.site_code
  symbol: site_code
  name: {zh: 测点编码, en: site code}
  definition: {zh: 标识一个测点的字符, en: characters that tell one site from all others}
  object_class: 测点
  property: 编码
  representation: number
  type: string
  format: an..12
  synonyms: [设备编号, device_no]
- id: place.longitude
  symbol: longitude_deg
  name: {zh: 经度, en: longitude}
  definition: {zh: 向东的角度, en: angle towards the east}
  object_class: 位置
  property: 经度
  representation: quantity
  type: decimal
  format: n..9,6
  unit: deg
- id: place.latitude
  symbol: latitude_deg
  name: {zh: 纬度, en: latitude}
  definition: {zh: 向北的角度, en: angle towards the north}
  object_class: 位置
  property: 纬度
  representation: quantity
  type: decimal
  unit: deg
- id: time.hour_start
  symbol: hour_start
  name: {zh: 时段起点, en: start of the hour}
  definition: {zh: 一小时时段的起点, en: instant at which the hour begins}
  object_class: 时段
  property: 起点
  representation: datetime
  type: datetime
  period: 1h
- id: time.seen_at
  symbol: seen_at
  name: {zh: 看到的时间, en: time seen}
  definition: {zh: 被看到的时刻, en: instant of the sighting}
  object_class: 观测
  property: 时间
  representation: datetime
  type: datetime
- id: traffic.mean_speed
  symbol: mean_speed_kmh
  name: {zh: 平均速度, en: mean speed}
  definition: {zh: 车辆速度的平均, en: average over the vehicles}
  object_class: 路段
  property: 速度
  representation: quantity
  type: decimal
  format: n..5,1
  unit: km/h
  synonyms: [车速, avg_speed]
- id: traffic.kind
  symbol: vehicle_kind
  name: {zh: 车型, en: kind of vehicle}
  definition: {zh: 车辆所属的种类, en: class of the vehicle}
  object_class: 车辆
  property: 种类
  representation: code
  type: string
  codes: traffic.kind
- id: traffic.open
  symbol: is_open
  name: {zh: 是否开放, en: whether open}
  definition: {zh: 道路能否通行, en: whether vehicles may pass}
  object_class: 道路
  property: 开放
  representation: indicator
  type: boolean
  note: 1-是, 0-否
- id: person.phone
  symbol: phone
  name: {zh: 联系电话, en: telephone}
  definition: {zh: 可以联系到人的号码, en: digits by which a person is reached}
  object_class: 人
  property: 电话
  representation: number
  type: string
  sensitivity: {grade: L3, openness: none, personal: ordinary}
"""
CODES = """
- id: traffic.kind
  name: {zh: 车型, en: kinds of vehicle}
  values:
    - {code: K1, name: {zh: 大型客车, en: large coach}, aliases: [大客], valid_to: 2020-01-01, successors: [K2]}
    - {code: K2, name: {zh: 中型客车, en: medium coach}, aliases: [中客]}
    - {code: K3, name: {zh: 小型客车, en: small car}, aliases: [小客, 轿车]}
  extensible:
    - {first: X1, last: X9, name: {zh: 自定, en: local}}
- id: traffic.kind_names
  name: {zh: 车型对照, en: names of kinds}
  to: traffic.kind
  pairs: {大巴: K1, 小汽车: K3}
"""
CONTRACT = """
dataset: traffic.detector
title: {zh: 检测器, en: detectors}
owner: {department: 交通局}
source: {connector: files, path: "${CITY}/*.csv", format: csv}
zone: Asia/Shanghai
schedule: {cron: "0 1 * * *"}
write: {mode: upsert, key: [site_code, hour_start], partition: day(hour_start)}
fields:
  设备: {element: place.site_code, required: true}
  时间:
    element: time.hour_start
    format: "%Y-%m-%d %H"
    label: end
  速度:
    element: traffic.mean_speed
    unit: m/s
  车型:
    element: traffic.kind
    codes:
      大: K1
      自定一: X3
  经度: {element: place.longitude, frame: GCJ-02, pair: 纬度}
  纬度: {element: place.latitude, frame: GCJ-02, pair: 经度}
rules:
  - issue: TOO_FAST_FOR_A_COACH
    when: "mean_speed_kmh > 120 AND vehicle_kind = 'K1'"
    text: {zh: "{column} 过快", en: "{column} is too fast"}
references:
  - {columns: [site_code], dataset: place.sites, keys: [site_code]}
expect:
  completeness: {mean_speed_kmh: 0.9}
  unique: [[site_code, hour_start]]
"""
SITES = """
dataset: place.sites
title: {zh: 测点, en: sites}
owner: {department: 交通局}
source:
  connector: http
  url: "${CITY_URL}/sites"
  format: json
write: {mode: upsert, key: [site_code]}
fields:
  code: {element: place.site_code}
"""
MART = """
mart: speeds
title: {zh: 速度, en: speeds}
audience: {zh: 公众, en: the public}
tables:
  site_hour:
    title: {zh: 每小时, en: by hour}
    grain: [site_code, hour_start]
    columns:
      site_code: {element: place.site_code}
      hour_start: {element: time.hour_start}
      mean_speed_kmh: {element: traffic.mean_speed}
      readings: {text: {zh: 读数个数, en: number of readings}}
"""
SELECT = """SELECT site_code, hour_start, avg(mean_speed_kmh) AS mean_speed_kmh, count(*) AS readings
FROM traffic.detector GROUP BY ALL
"""
FILES = {
    "workspace.yaml": "packs: []\nname: {zh: 城, en: city}\n",
    "elements/all.yaml": ELEMENTS,
    "codes/traffic.yaml": CODES,
    "datasets/traffic/detector.yaml": CONTRACT,
    "datasets/place/sites.yaml": SITES,
    "marts/speeds/mart.yaml": MART,
    "marts/speeds/site_hour.sql": SELECT,
}

Broken = Callable[[str, str, str], list[LintFinding]]


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def broken(clean: Path) -> Broken:
    """The findings once ``old`` is ``new`` in one file of the clean workspace."""

    def break_(name: str, old: str, new: str) -> list[LintFinding]:
        path = clean / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, old
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return lint_workspace(clean)

    return break_
