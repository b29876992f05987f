import hashlib
import json

import pytest

from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import _fingerprint_parts, contract_fingerprint
from citylake.schemas.read.element_search import describe_element, find_element, nearest_elements
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.words.errors import CitylakeError
from tests.declared import DEMO


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(DEMO)


def test_an_element_is_described_with_its_format_its_codes_and_who_binds_it(registry: Registry) -> None:
    shown = json.loads(
        json.dumps(describe_element(registry.elements["place.region_code"], registry), ensure_ascii=False)
    )
    assert shown["canonical_format"] == {
        "kind": "text",
        "characters": "an",
        "min_length": 0,
        "max_length": 12,
        "scale": None,
        "picture": None,
        "digits": None,
    }
    assert {value["code"] for value in shown["code_list"]["values"]} >= {"990101", "990106"}
    assert {bound["dataset"] for bound in shown["bound_by"]} == {
        name
        for name, contract in registry.contracts.items()
        if any(binding.element == "place.region_code" for binding in contract.fields.values())
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("traffic.mean_sped", "traffic.mean_speed"),
        ("pm25_ugm3", "air.pm25"),
        ("经度", "place.longitude"),
        ("region", "place.region_code"),
    ],
)
def test_the_nearest_elements_are_found_by_id_symbol_name_and_synonym(
    registry: Registry, text: str, expected: str
) -> None:
    found = nearest_elements(text, registry)
    assert len(found) <= 3
    assert expected in found


def test_every_element_is_found_by_its_id_and_its_symbol(registry: Registry) -> None:
    for element in registry.elements.values():
        assert find_element(element.id, registry) is element
        assert find_element(element.symbol, registry).symbol == element.symbol


def test_an_element_that_is_not_there_names_the_three_nearest(registry: Registry) -> None:
    with pytest.raises(CitylakeError, match=r"air\.pm25"):
        find_element("air.pm2.5", registry)


def test_a_fingerprint_is_the_digest_of_all_parts_each_of_which_is_written_once() -> None:
    registry = load_registry(DEMO)
    zone, bounds = registry.workspace.settings.timezone, registry.workspace.settings.bounds
    every = set()
    for contract in registry.contracts.values():
        parts = list(_fingerprint_parts(contract, registry))
        told: list[object] = [[type(part).__name__, part.model_dump(mode="json")] for part in parts]
        told += [zone, *([list(bounds)] if bounds and contract.bounds is None else [])]
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        assert contract_fingerprint(contract, registry) == hashlib.sha256(text.encode()).hexdigest()
        every |= {id(part) for part in parts}
    assert registry.texts.keys() == every


def test_a_fingerprint_is_stable_and_changes_with_every_part_that_is_used(registry: Registry) -> None:
    contract = next(each for each in registry.contracts.values() if _codes(each, registry))
    first = contract_fingerprint(contract, registry)
    assert contract_fingerprint(contract, load_registry(DEMO)) == first
    element = registry.elements[next(iter(contract.fields.values())).element]
    codes = registry.codes[_codes(contract, registry)[0]]
    changes = (
        ("elements", element.id, element.model_copy(update={"version": "9.9.9"})),
        ("codes", codes.id, codes.model_copy(update={"note": "changed"})),
    )
    for store, key, changed in changes:
        other = load_registry(DEMO)
        getattr(other, store)[key] = changed
        assert contract_fingerprint(contract, other) != first
    assert contract_fingerprint(contract.model_copy(update={"zone": "UTC"}), registry) != first
    elsewhere = load_registry(DEMO)
    elsewhere.workspace.settings = elsewhere.workspace.settings.model_copy(update={"timezone": "UTC"})
    assert contract_fingerprint(contract, elsewhere) != first


def test_a_fingerprint_does_not_change_with_what_is_not_used(registry: Registry) -> None:
    contract = next(iter(registry.contracts.values()))
    used = {binding.element for binding in contract.fields.values()}
    other = load_registry(DEMO)
    unused = next(name for name in other.elements if name not in used)
    other.elements[unused] = other.elements[unused].model_copy(update={"version": "9.9.9"})
    assert contract_fingerprint(contract, other) == contract_fingerprint(contract, registry)


def _codes(contract: Contract, registry: Registry) -> list[str]:
    elements = [registry.elements[binding.element] for binding in contract.fields.values()]
    return [element.codes for element in elements if element.codes]
