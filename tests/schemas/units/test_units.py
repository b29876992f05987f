import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.schemas.model.element import GasProperties
from citylake.schemas.units import reference_state_ratio, resolve_unit, symbol_suffix, unit_conversion, unit_spellings
from citylake.schemas.units.ucum import UcumError, parse_ucum
from citylake.schemas.units.unit_table import unit_aliases, unit_entries
from citylake.schemas.words.errors import CitylakeError

MOLAR_MASS = {"SO2": 64.066, "NO2": 46.0055, "CO": 28.0101, "O3": 47.9982, "NO": 30.0061}


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("m/s", "km/h", 3.6),
        ("kn", "km/h", 1.852),
        ("[kn_i]", "m/s", 0.514444),
        ("0.1 km/h", "km/h", 0.1),
        ("mph", "km/h", 1.609344),
        ("hPa", "mbar", 1.0),
        ("mmHg", "hPa", 1.33322),
        ("atm", "hPa", 1013.25),
        ("inHg", "hPa", 33.8639),
        ("万元", "元", 10_000),
        ("亿元", "CNY", 1e8),
        ("公顷", "m2", 10_000),
        ("km2", "公顷", 100),
        ("km2", "亩", 1500),
        ("亩", "m2", 666.667),
        ("公顷", "亩", 15),
        ("公里", "km", 1),
        ("里", "m", 500),
        ("万吨/日", "t/d", 10_000),
        ("万千瓦时", "kWh", 10_000),
        ("mg/m³", "µg/m³", 1000),
        ("㎍/㎥", "mg/m3", 0.001),
        ("0.1 mm", "mm", 0.1),
        ("0.1mm", "mm", 0.1),
        ("in", "mm", 25.4),
        ("mm/(10.min)", "mm/h", 6),
        ("%", "1", 0.01),
        ("辆/小时", "{veh}/h", 1),
        ("{veh}/(5.min)", "{veh}/h", 12),
        ("min", "s", 60),
        ("ms", "s", 0.001),
        ("kWh", "MJ", 3.6),
        ("J/(m2.d)", "W/m2", 1 / 86400),
        ("ug.m-3", "ug/m3", 1),
    ],
)
def test_factors_of_city_data(source: str, target: str, factor: float) -> None:
    found = unit_conversion(source, target)
    assert found.factor == pytest.approx(factor, rel=1e-5)
    assert found.offset == 0


@pytest.mark.parametrize(
    ("source", "target", "value", "expected"),
    [
        ("Cel", "K", 0, 273.15),
        ("[degF]", "Cel", 95, 35),
        ("℃", "°F", 35, 95),
        ("0.1 ℃", "Cel", 253, 25.3),
        ("K", "Cel", 0, -273.15),
    ],
)
def test_temperatures_have_their_own_zero(source: str, target: str, value: float, expected: float) -> None:
    found = unit_conversion(source, target)
    assert value * found.factor + found.offset == pytest.approx(expected)


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [
        (298.15, {"SO2": 2.6186, "NO2": 1.8804, "CO": 1.1449, "O3": 1.9619, "NO": 1.2265}),
        (273.15, {"SO2": 2.8583, "NO2": 2.0525, "CO": 1.2497, "O3": 2.1414}),
        (293.15, {"SO2": 2.6633, "NO2": 1.9125, "CO": 1.1644, "O3": 1.9953}),
    ],
)
def test_a_share_by_volume_becomes_mass_at_the_reference_state(temperature: float, expected: dict[str, float]) -> None:
    for gas, factor in expected.items():
        state = GasProperties(molar_mass_g_mol=MOLAR_MASS[gas], temperature_k=temperature)
        assert unit_conversion("ppb", "ug/m3", state).factor == pytest.approx(factor, abs=1.5e-4), gas
        assert unit_conversion("ppm", "mg/m3", state).factor == pytest.approx(factor, abs=1.5e-4), gas
        assert unit_conversion("ug/m3", "ppb", state).factor == pytest.approx(1 / factor, rel=1e-4), gas


@pytest.mark.parametrize(("temperature", "factor"), [(298.15, 1.8804), (293.15, 1.9125)])
def test_nitrogen_oxides_as_nitrogen_dioxide_have_the_published_factors(temperature: float, factor: float) -> None:
    # [C] 25 °C as in China, 20 °C as in the EU and the UK.
    gas = GasProperties(molar_mass_g_mol=46.0055, temperature_k=temperature, pressure_hpa=1013.25)
    assert unit_conversion("ppb", "ug/m3", gas).factor == pytest.approx(factor, abs=1e-4)


def test_a_concentration_moves_to_another_reference_state_with_the_published_factor() -> None:
    # [C] Chinese gases before 2018-09-01 (273.15 K) against later ones (298.15 K).
    old, new = (GasProperties(temperature_k=temperature) for temperature in (273.15, 298.15))
    assert float(reference_state_ratio(old, new)) == pytest.approx(0.91615, abs=1e-5)


def test_a_share_by_volume_does_not_become_mass_without_its_reference_state() -> None:
    with pytest.raises(CitylakeError) as caught:
        unit_conversion("ppb", "ug/m3", GasProperties(molar_mass_g_mol=46.0055))
    assert caught.value.code == "UNIT_INCOMPATIBLE"


def test_a_share_by_volume_does_not_become_mass_without_its_gas() -> None:
    with pytest.raises(CitylakeError) as caught:
        unit_conversion("ppb", "ug/m3")
    assert caught.value.code == "UNIT_INCOMPATIBLE"


@pytest.mark.parametrize(
    ("source", "target"), [("{veh}/h", "{pcu}/h"), ("{veh}", "{veh}/h"), ("mm", "mm/h"), ("Cel", "hPa")]
)
def test_what_is_not_the_same_kind_of_quantity_does_not_convert(source: str, target: str) -> None:
    with pytest.raises(CitylakeError) as caught:
        unit_conversion(source, target)
    assert caught.value.code == "UNIT_INCOMPATIBLE"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("千米/小时", "km/h"),
        ("公里/小时", "km/h"),
        ("公里每小时", "km/h"),
        ("米/秒", "m/s"),
        ("µg/m³", "ug/m3"),
        ("微克/立方米", "ug/m3"),
        ("℃", "Cel"),
        ("万元", "10*4.CNY"),
        ("亩", "[mu_cn]"),
        ("斤", "[jin_cn]"),
        ("KM/H", "km/h"),
        ("mph", "[mi_i]/h"),
        ("万立方米", "10*4.m3"),
        ("人次/日", "{person}/d"),
        ("dB(A)", "dB[A]"),
        ("0.1毫米", "0.1 mm"),
        ("ft", "[ft_i]"),
        (" km/h ", "km/h"),
    ],
)
def test_what_departments_write_is_one_code(text: str, code: str) -> None:
    assert resolve_unit(text) == code


@pytest.mark.parametrize("text", ["kmm/h", "", "m//s", "(m", "度", "毫克每立米"])
def test_an_unknown_or_ambiguous_unit_names_the_three_nearest(text: str) -> None:
    with pytest.raises(CitylakeError) as caught:
        resolve_unit(text)
    assert caught.value.code == "UNIT_UNKNOWN"
    assert len(caught.value.values["suggestion"].split(", ")) == 3


def test_every_unit_of_the_table_can_be_read() -> None:
    for code in unit_entries():
        parse_ucum(code)


def test_no_alias_is_claimed_twice_or_means_another_code() -> None:
    claimed: dict[str, str] = {}
    for entry in unit_entries().values():
        for alias in entry.aliases:
            assert claimed.setdefault(alias, entry.code) == entry.code
            assert alias == entry.code or alias not in unit_entries()
    for alias, code in unit_aliases().items():
        try:
            meant = parse_ucum(alias)
        except UcumError:
            continue
        # {pH} for [pH] is how many write what UCUM has no code for.
        assert meant == parse_ucum(code) or alias.startswith("{")


@pytest.mark.parametrize(
    ("code", "suffix"),
    [("ug/m3", "ugm3"), ("km/h", "kmh"), ("Cel", "degc"), ("%", "pct"), ("{veh}", "veh"), ("1", ""), ("[mu_cn]", "mu")],
)
def test_a_column_carries_its_unit(code: str, suffix: str) -> None:
    assert symbol_suffix(code) == suffix


SPEEDS = st.sampled_from(["m/s", "km/h", "[kn_i]", "[mi_i]/h", "0.1 km/h", "cm/min"])


@given(SPEEDS, SPEEDS, SPEEDS)
def test_conversions_compose_exactly(one: str, two: str, three: str) -> None:
    assert unit_conversion(one, two).ratio * unit_conversion(two, three).ratio == unit_conversion(one, three).ratio


@given(SPEEDS, SPEEDS)
def test_there_and_back_is_where_one_was(one: str, two: str) -> None:
    assert unit_conversion(one, two).ratio * unit_conversion(two, one).ratio == 1
    assert unit_conversion(one, one).identity


@pytest.mark.parametrize(
    "text", ["km/h", "公里/小时", "µg/m³", "μg/m³", "ug/m3", "微克/立方米", "℃", "°C", "m²", "万元", "kW.h", "%"]
)
def test_a_row_may_name_its_unit_as_it_is_printed(text: str) -> None:
    assert resolve_unit(unit_spellings()[text]) == resolve_unit(text)


def test_every_spelling_means_what_it_means_elsewhere() -> None:
    for text, code in unit_spellings().items():
        assert unit_conversion(text, code).identity, text


@pytest.mark.parametrize("text", ["0 m", "0.0 km/h", "m/0 s"])
def test_nothing_of_a_unit_is_no_unit(text: str) -> None:
    with pytest.raises(CitylakeError) as refused:
        unit_conversion(text, "m")
    assert refused.value.code == "UNIT_UNKNOWN"
