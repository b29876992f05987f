"""What a standard column holds instead of an identifier follows from the registry alone, and never becomes laxer."""

from __future__ import annotations

import re
from itertools import product
from typing import get_args

import pytest

from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.element import DataElement, Protection
from citylake.schemas.read.column_protection import column_protection, protected_column, protected_sensitivity
from citylake.schemas.read.registry import Registry

PROTECTIONS: tuple[Protection, ...] = get_args(Protection)
GRADES = ("L1", "L2", "L3", "L4", "important", "core")


@pytest.fixture(scope="module")
def registry(request: pytest.FixtureRequest) -> Registry:
    return load_valid_registry(request.config.rootpath / "tests" / "all_packs")


def _element(registry: Registry, protection: Protection) -> DataElement:
    own = registry.elements["person.certificate_no"]
    return own.model_copy(update={"sensitivity": own.sensitivity.model_copy(update={"protect": protection})})


@pytest.mark.parametrize(("by_element", "by_binding"), list(product(PROTECTIONS, (None, *PROTECTIONS))))
def test_a_binding_makes_the_protection_of_an_element_stricter_and_never_laxer(
    registry: Registry, by_element: Protection, by_binding: Protection | None
) -> None:
    found = column_protection(
        Binding(element="person.certificate_no", protect=by_binding), _element(registry, by_element)
    )
    assert PROTECTIONS.index(found) == max(PROTECTIONS.index(by_element), PROTECTIONS.index(by_binding or "none"))


def test_what_is_left_of_a_value_is_never_graded_above_it_and_stays_personal(registry: Registry) -> None:
    for element, protection in product(registry.elements.values(), ("mask", "token")):
        own, left = element.sensitivity, protected_sensitivity(element, protection)  # type: ignore[arg-type]
        assert GRADES.index(left.grade) <= min(GRADES.index(own.grade), GRADES.index("L2"))
        assert (left.personal == "none") == (own.personal == "none")
        assert left.openness != "open" or own.shown


def test_a_column_without_protection_keeps_its_sensitivity(registry: Registry) -> None:
    column = protected_column(Binding(element="person.gender"), registry.elements["person.gender"])
    assert column.protection == "none"
    assert column.sensitivity == registry.elements["person.gender"].sensitivity


def test_the_element_of_a_mart_column_with_tokens_has_the_sensitivity_of_tokens(registry: Registry) -> None:
    token = registry.elements["person.token"]
    assert token.sensitivity == protected_sensitivity(registry.elements["person.id_number"])
    assert re.fullmatch(token.pattern or "", "t1.abcdef." + "a" * 24)


def test_direct_identifiers_of_the_packs_are_protected(registry: Registry) -> None:
    found = {name: each.sensitivity.protect for name, each in registry.elements.items()}
    assert {name for name, protection in found.items() if protection == "token"} == {
        *("person.id_number", "person.certificate_no", "person.mobile", "person.phone", "person.bank_card"),
        *("traffic.plate_no", "vehicle.terminal_phone", "social.card_no", "transit.card_no"),
    }
    assert {name for name, protection in found.items() if protection == "mask"} == {
        "person.name",
        "person.home_address",
    }
